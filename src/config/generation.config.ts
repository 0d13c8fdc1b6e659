import { type ConfigType, registerAs } from '@nestjs/config';

import { OpenAiSettings } from './openai.config.js';
import { readSettings, toList } from './read-settings.js';
import { ChoiceSetting, IntegerSetting, TextSetting } from './setting.js';

export const IMAGE_GENERATOR_KINDS = ['openai', 'custom', 'embedded'] as const;
export type ImageGeneratorKind = (typeof IMAGE_GENERATOR_KINDS)[number];

export const PROMPT_WRITER_KINDS = ['openai', 'embedded'] as const;
export type PromptWriterKind = (typeof PROMPT_WRITER_KINDS)[number];

const CUSTOM_GENERATOR_KINDS = ['remote', 'embedded'] as const;

export const INFERENCE_PROTOCOLS = ['openai', 'sdapi', 'kserve', 'kserve-binary'] as const;
export type InferenceProtocolKind = (typeof INFERENCE_PROTOCOLS)[number];

/** Who writes the prompt and who draws. */
export class GenerationSettings {
  @ChoiceSetting({
    values: PROMPT_WRITER_KINDS,
    defaultText: '`openai` if `OPENAI_API_KEY` is set, else `embedded`',
    en: 'Who writes the image prompt and the recommended items.',
    ko: '이미지 프롬프트와 추천 아이템을 작성하는 주체.',
  })
  readonly PROMPT_WRITER?: PromptWriterKind;

  @TextSetting({
    kind: 'ordered list of `openai`, `custom`, `embedded`',
    pattern: /^\s*(?:openai|custom|embedded)(?:\s*,\s*(?:openai|custom|embedded))*\s*$/,
    expected: 'a list of openai, custom, embedded',
    defaultText: '`openai` if `OPENAI_API_KEY` is set, else `embedded`',
    en: 'Who draws for v1, tried in turn: `embedded` retouches the photo itself, `custom` is the generator that v2 uses. A refusal for content ends the list.',
    ko: 'v1의 이미지를 그리는 주체(순서대로 시도). `embedded`는 사진을 직접 보정하고, `custom`은 v2와 같은 생성기입니다. 콘텐츠 정책에 따른 거절은 다음으로 넘어가지 않습니다.',
  })
  readonly IMAGE_GENERATOR?: string;

  @ChoiceSetting({
    values: CUSTOM_GENERATOR_KINDS,
    defaultText: '`remote` if `CUSTOM_INFERENCE_URL` is set, else `embedded`',
    en: "Who draws for v2: `remote` is the team's own inference server.",
    ko: 'v2의 이미지를 그리는 주체. `remote`는 팀의 자체 추론 서버입니다.',
  })
  readonly CUSTOM_IMAGE_GENERATOR?: (typeof CUSTOM_GENERATOR_KINDS)[number];

  @TextSetting({
    kind: 'address',
    pattern: /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i,
    expected: 'an http(s) address without user name and query',
    en: "Base address of the team's own inference server, for example `http://gpu:8000/v1` (`openai`), `http://gpu:7860` (`sdapi`) or `http://gpu:8080` (`kserve`).",
    ko: '팀의 자체 추론 서버 주소. 예: `http://gpu:8000/v1`(`openai`), `http://gpu:7860`(`sdapi`), `http://gpu:8080`(`kserve`).',
  })
  readonly CUSTOM_INFERENCE_URL?: string;

  @ChoiceSetting({
    default: 'openai',
    values: INFERENCE_PROTOCOLS,
    en: 'What that server speaks: `openai` (POST /images/edits: vLLM-Omni, SGLang, sd-server), `sdapi` (AUTOMATIC1111 img2img), `kserve` (Open Inference Protocol v2) or its binary extension.',
    ko: '그 서버의 프로토콜: `openai`(POST /images/edits: vLLM-Omni, SGLang, sd-server), `sdapi`(AUTOMATIC1111 img2img), `kserve`(Open Inference Protocol v2) 또는 그 바이너리 확장.',
  })
  readonly CUSTOM_INFERENCE_PROTOCOL!: InferenceProtocolKind;

  @TextSetting({
    default: 'desk-redesign',
    pattern: /^[\w.:/-]{1,100}$/,
    expected: 'a model name of letters, digits and . _ : / -',
    en: 'Model name sent to that server.',
    ko: '그 서버에 보내는 모델 이름.',
  })
  readonly CUSTOM_INFERENCE_MODEL!: string;

  @TextSetting({
    secret: true,
    en: 'Bearer token of that server, if it wants one.',
    ko: '그 서버의 Bearer 토큰(필요한 경우).',
  })
  readonly CUSTOM_INFERENCE_TOKEN?: string;

  @IntegerSetting({
    default: 1,
    min: 1,
    max: 64,
    unit: 'calls',
    en: 'Calls to that server at the same time; more wait on our side. A GPU draws one picture at a time.',
    ko: '그 서버에 동시에 보내는 호출 수. 나머지는 우리 쪽에서 기다립니다. GPU는 한 번에 한 장을 그립니다.',
  })
  readonly CUSTOM_INFERENCE_CONCURRENCY!: number;

  @TextSetting({
    default: 'models/custom',
    kind: 'path',
    en: 'Folder with `inference.json`: style prompts, strengths, steps and tensor names for that server.',
    ko: '그 서버에 쓰는 스타일 프롬프트, 강도, 스텝 수, 텐서 이름(`inference.json`)이 있는 폴더.',
  })
  readonly CUSTOM_MODEL_DIR!: string;

  @IntegerSetting({
    default: 180_000,
    min: 100,
    // Node's fetch itself gives up waiting for headers after 300 s.
    max: 290_000,
    unit: 'ms',
    en: 'Time for one drawing call.',
    ko: '이미지 생성 호출 한 번의 제한 시간.',
  })
  readonly IMAGE_GENERATION_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 5,
    min: 1,
    max: 1_000,
    unit: 'failures',
    en: 'Failures in a row after which a provider is left alone for a while.',
    ko: '이 횟수만큼 연속으로 실패한 제공자는 잠시 호출하지 않습니다.',
  })
  readonly PROVIDER_BREAKER_FAILURES!: number;

  @IntegerSetting({
    default: 30,
    min: 1,
    max: 86_400,
    unit: 's',
    en: 'How long it is left alone before one call tries it again.',
    ko: '다시 한 번 시도하기 전까지 호출하지 않는 시간.',
  })
  readonly PROVIDER_BREAKER_OPEN_SECONDS!: number;
}

export const generationConfig = registerAs('generation', () => {
  const settings = readSettings(GenerationSettings);
  const vendor = readSettings(OpenAiSettings).OPENAI_API_KEY ? 'openai' : 'embedded';
  return {
    promptWriter: settings.PROMPT_WRITER ?? vendor,
    imageGenerators: toList(settings.IMAGE_GENERATOR ?? vendor) as readonly ImageGeneratorKind[],
    customImageGenerator:
      settings.CUSTOM_IMAGE_GENERATOR ?? (settings.CUSTOM_INFERENCE_URL ? 'remote' : 'embedded'),
    customInferenceUrl: (settings.CUSTOM_INFERENCE_URL ?? '').replace(/\/+$/, ''),
    customInferenceProtocol: settings.CUSTOM_INFERENCE_PROTOCOL,
    customInferenceModel: settings.CUSTOM_INFERENCE_MODEL,
    customInferenceToken: settings.CUSTOM_INFERENCE_TOKEN,
    customInferenceConcurrency: settings.CUSTOM_INFERENCE_CONCURRENCY,
    customModelDir: settings.CUSTOM_MODEL_DIR,
    timeoutMs: settings.IMAGE_GENERATION_TIMEOUT_MS,
    breakerFailures: settings.PROVIDER_BREAKER_FAILURES,
    breakerOpenMs: settings.PROVIDER_BREAKER_OPEN_SECONDS * 1_000,
  };
});

export type GenerationConfig = ConfigType<typeof generationConfig>;
