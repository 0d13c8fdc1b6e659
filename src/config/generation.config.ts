import { type ConfigType, registerAs } from '@nestjs/config';

import { ConfigurationError } from '../common/errors/errors.js';
import { readSettings } from './read-settings.js';
import { ChoiceSetting, IntegerSetting, TextSetting } from './setting.js';

export const IMAGE_GENERATOR_KINDS = ['custom', 'embedded'] as const;
export type ImageGeneratorKind = (typeof IMAGE_GENERATOR_KINDS)[number];

export const PROMPT_WRITER_KINDS = ['embedded'] as const;
export type PromptWriterKind = (typeof PROMPT_WRITER_KINDS)[number];

const CUSTOM_GENERATOR_KINDS = ['remote', 'embedded'] as const;

/** Who writes the prompt and who draws. */
export class GenerationSettings {
  @ChoiceSetting({
    default: 'embedded',
    values: PROMPT_WRITER_KINDS,
    en: 'Who writes the image prompt and the recommended items.',
    ko: '이미지 프롬프트와 추천 아이템을 작성하는 주체.',
  })
  readonly PROMPT_WRITER!: PromptWriterKind;

  @ChoiceSetting({
    default: 'embedded',
    values: IMAGE_GENERATOR_KINDS,
    en: 'Who draws for v1: `embedded` retouches the photo itself, `custom` is the generator that v2 uses.',
    ko: 'v1의 이미지를 그리는 주체. `embedded`는 사진을 직접 보정하고, `custom`은 v2와 같은 생성기입니다.',
  })
  readonly IMAGE_GENERATOR!: ImageGeneratorKind;

  @ChoiceSetting({
    values: CUSTOM_GENERATOR_KINDS,
    defaultText: '`remote` if `CUSTOM_INFERENCE_URL` is set, else `embedded`',
    en: "Who draws for v2: `remote` is the team's own inference server.",
    ko: 'v2의 이미지를 그리는 주체. `remote`는 팀의 자체 추론 서버입니다.',
  })
  readonly CUSTOM_IMAGE_GENERATOR?: (typeof CUSTOM_GENERATOR_KINDS)[number];

  @TextSetting({
    kind: 'address',
    pattern: /^https?:\/\/\S+$/i,
    expected: 'an http(s) address',
    en: "Base address of the team's own inference server, for example `http://gpu:8000/v1`.",
    ko: '팀의 자체 추론 서버 주소. 예: `http://gpu:8000/v1`.',
  })
  readonly CUSTOM_INFERENCE_URL?: string;

  @TextSetting({
    default: 'desk-redesign',
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
    default: 180_000,
    min: 1_000,
    max: 600_000,
    unit: 'ms',
    en: 'Time for one drawing call.',
    ko: '이미지 생성 호출 한 번의 제한 시간.',
  })
  readonly IMAGE_GENERATION_TIMEOUT_MS!: number;
}

export const generationConfig = registerAs('generation', () => {
  const settings = readSettings(GenerationSettings);
  const customKind =
    settings.CUSTOM_IMAGE_GENERATOR ?? (settings.CUSTOM_INFERENCE_URL ? 'remote' : 'embedded');
  if (customKind === 'remote' && !settings.CUSTOM_INFERENCE_URL) {
    throw new ConfigurationError([
      'CUSTOM_INFERENCE_URL must be set when CUSTOM_IMAGE_GENERATOR is remote',
    ]);
  }
  return {
    promptWriter: settings.PROMPT_WRITER,
    imageGenerator: settings.IMAGE_GENERATOR,
    customImageGenerator: customKind,
    customInferenceUrl: settings.CUSTOM_INFERENCE_URL ?? '',
    customInferenceModel: settings.CUSTOM_INFERENCE_MODEL,
    customInferenceToken: settings.CUSTOM_INFERENCE_TOKEN,
    timeoutMs: settings.IMAGE_GENERATION_TIMEOUT_MS,
  };
});

export type GenerationConfig = ConfigType<typeof generationConfig>;
