import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings } from './read-settings.js';
import {
  ChoiceSetting,
  FlagSetting,
  IntegerSetting,
  NumberSetting,
  TextSetting,
} from './setting.js';

export const OPENAI_ADDRESS = 'https://api.openai.com/v1';
const IMAGE_QUALITIES = ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
const IMAGE_FORMATS = ['jpeg', 'png', 'webp'] as const;

/** OpenAI, or a server that speaks its protocol. */
export class OpenAiSettings {
  @TextSetting({
    secret: true,
    pattern: /^\S+$/,
    expected: 'one word without spaces',
    en: 'Key of the OpenAI API. Setting it makes OpenAI the default prompt writer and v1 generator.',
    ko: 'OpenAI API 키. 설정하면 OpenAI가 기본 프롬프트 작성기와 v1 생성기가 됩니다.',
  })
  readonly OPENAI_API_KEY?: string;

  @TextSetting({
    default: OPENAI_ADDRESS,
    kind: 'address',
    pattern: /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i,
    expected: 'an http(s) address without user name and query',
    en: 'Base address of the OpenAI API or of a gateway that speaks its protocol; `/v1` is added to an address without a path.',
    ko: 'OpenAI API 또는 같은 프로토콜을 쓰는 게이트웨이의 주소. 경로가 없으면 `/v1`을 붙입니다.',
  })
  readonly OPENAI_BASE_URL!: string;

  @TextSetting({
    default: 'gpt-6-luna',
    en: 'Model that looks at the photo and writes prompt and items. It must take images and Structured Outputs.',
    ko: '사진을 보고 프롬프트와 아이템을 작성하는 모델. 이미지 입력과 Structured Outputs를 지원해야 합니다.',
  })
  readonly OPENAI_VISION_MODEL!: string;

  @TextSetting({
    default: 'gpt-image-2.5-flare',
    en: 'Model that draws. `gpt-image-*` redraw the photo; `dall-e-*` (gateways only, OpenAI removed them) draw from text.',
    ko: '이미지를 그리는 모델. `gpt-image-*`는 사진을 편집하고, `dall-e-*`(OpenAI에서 제거됨, 게이트웨이용)는 글로만 그립니다.',
  })
  readonly OPENAI_IMAGE_MODEL!: string;

  @ChoiceSetting({
    default: 'medium',
    values: IMAGE_QUALITIES,
    en: 'Quality of the drawing: time and price rise with it. `xhigh` and `max` need gpt-image-2.5 or later.',
    ko: '이미지 품질. 높을수록 시간과 비용이 늘어납니다. `xhigh`와 `max`는 gpt-image-2.5 이상에서만 됩니다.',
  })
  readonly OPENAI_IMAGE_QUALITY!: (typeof IMAGE_QUALITIES)[number];

  @ChoiceSetting({
    default: 'jpeg',
    values: IMAGE_FORMATS,
    en: 'Format that the drawing is asked for in; JPEG is the fastest.',
    ko: '요청할 이미지 형식. JPEG가 가장 빠릅니다.',
  })
  readonly OPENAI_IMAGE_FORMAT!: (typeof IMAGE_FORMATS)[number];

  @IntegerSetting({
    default: 90_000,
    min: 1_000,
    max: 290_000,
    unit: 'ms',
    en: 'Time for one look at a photo.',
    ko: '사진 분석 호출 한 번의 제한 시간.',
  })
  readonly OPENAI_VISION_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 4_000,
    min: 500,
    max: 100_000,
    unit: 'tokens',
    en: 'Longest answer of the vision model, its reasoning included.',
    ko: '비전 모델 응답의 최대 길이(추론 토큰 포함).',
  })
  readonly OPENAI_VISION_MAX_TOKENS!: number;

  @TextSetting({
    default: 'models/dalle3',
    kind: 'path',
    en: 'Folder with the prompt templates, sizes and prices used with OpenAI.',
    ko: 'OpenAI에 쓰는 프롬프트 템플릿, 크기, 가격표가 있는 폴더.',
  })
  readonly OPENAI_PROMPTS_DIR!: string;

  @FlagSetting({
    defaultText: '`on` with the OpenAI API itself, `off` with another `OPENAI_BASE_URL`',
    en: 'Asks GET /models at start and daily whether the configured models are about to be retired.',
    ko: '시작할 때와 매일 GET /models로 설정된 모델의 종료 예정을 확인합니다.',
  })
  readonly OPENAI_MODEL_WATCH?: boolean;

  @NumberSetting({
    min: 0,
    max: 1_000_000,
    unit: 'US$ a day (UTC)',
    en: 'No paid call is started above it: 429 `budget_exhausted`. No limit when unset.',
    ko: '하루(UTC) 지출이 이 금액에 이르면 유료 호출을 시작하지 않습니다(429 `budget_exhausted`). 비우면 제한 없음.',
  })
  readonly DAILY_BUDGET_USD?: number;
}

/** People name a gateway by its host alone; the protocol lives below `/v1` on all that we know. */
const toBaseUrl = (address: string): string => {
  const base = address.replace(/\/+$/, '');
  return new URL(base).pathname === '/' ? `${base}/v1` : base;
};

export const openAiConfig = registerAs('openai', () => {
  const settings = readSettings(OpenAiSettings);
  const baseUrl = toBaseUrl(settings.OPENAI_BASE_URL);
  return {
    apiKey: settings.OPENAI_API_KEY,
    baseUrl,
    visionModel: settings.OPENAI_VISION_MODEL,
    imageModel: settings.OPENAI_IMAGE_MODEL,
    imageQuality: settings.OPENAI_IMAGE_QUALITY,
    imageFormat: settings.OPENAI_IMAGE_FORMAT,
    visionTimeoutMs: settings.OPENAI_VISION_TIMEOUT_MS,
    visionMaxTokens: settings.OPENAI_VISION_MAX_TOKENS,
    promptsDir: settings.OPENAI_PROMPTS_DIR,
    // Without a key OpenAI is only named here and called elsewhere.
    watchesModels:
      settings.OPENAI_MODEL_WATCH ??
      (baseUrl === OPENAI_ADDRESS && settings.OPENAI_API_KEY !== undefined),
    dailyBudgetUsd: settings.DAILY_BUDGET_USD,
  };
});

export type OpenAiConfig = ConfigType<typeof openAiConfig>;
