import { AppLogger } from '../../../src/common/logging/app-logger.js';
import { type Clock, systemClock } from '../../../src/common/clock.js';
import { type GenerationConfig } from '../../../src/config/generation.config.js';
import { type OpenAiConfig } from '../../../src/config/openai.config.js';
import { DailyBudget } from '../../../src/providers/spend/daily-budget.js';
import { InProcessSpendLedger } from '../../../src/providers/spend/in-process-spend-ledger.js';
import { PriceTable } from '../../../src/providers/spend/price-table.js';
import { type ProductsConfig } from '../../../src/config/products.config.js';
import { type S3Config } from '../../../src/config/storage.config.js';
import { ACCESS_KEY, BUCKET, SECRET_KEY } from '../s3/s3-server.js';
import { INFERENCE_MODEL, INFERENCE_TOKEN } from './inference-upstream.js';
import { OPENAI_KEY } from './openai-upstream.js';
import { ELEVENST_KEY, NAVER_ID, NAVER_SECRET } from './shop-upstreams.js';

export const anOpenAiConfig = (changes: Partial<OpenAiConfig> = {}): OpenAiConfig => ({
  apiKey: OPENAI_KEY,
  baseUrl: 'http://127.0.0.1:1/v1',
  visionModel: 'gpt-6-luna',
  imageModel: 'gpt-image-2.5-flare',
  imageQuality: 'medium',
  imageFormat: 'jpeg',
  visionTimeoutMs: 20_000,
  visionMaxTokens: 4_000,
  promptsDir: 'models/dalle3',
  watchesModels: true,
  dailyBudgetUsd: undefined,
  ...changes,
});

export const aGenerationConfig = (changes: Partial<GenerationConfig> = {}): GenerationConfig => ({
  promptWriter: 'openai',
  imageGenerators: ['openai'],
  customImageGenerator: 'remote',
  customInferenceUrl: 'http://127.0.0.1:1',
  customInferenceProtocol: 'openai',
  customInferenceModel: INFERENCE_MODEL,
  customInferenceToken: INFERENCE_TOKEN,
  customInferenceConcurrency: 1,
  customModelDir: 'models/custom',
  timeoutMs: 20_000,
  breakerFailures: 5,
  breakerOpenMs: 30_000,
  ...changes,
});

export const aBudget = (
  limitUsd?: number,
  clock: Clock = systemClock,
  ledger = new InProcessSpendLedger(),
): DailyBudget => new DailyBudget(limitUsd, ledger, clock);

export const thePrices = (): PriceTable => PriceTable.load('models/dalle3');

export const aSilentLogger = (): AppLogger => AppLogger.create('silent');

export const aProductsConfig = (
  baseUrl: string,
  changes: Partial<ProductsConfig> = {},
): ProductsConfig => ({
  search: ['naver', 'catalogue'],
  perKeyword: 3,
  timeoutMs: 20_000,
  cacheMs: 3_600_000,
  naver: { baseUrl, clientId: NAVER_ID, clientSecret: NAVER_SECRET, callsPerSecond: 100 },
  elevenst: { baseUrl, apiKey: ELEVENST_KEY },
  ...changes,
});

export const anS3Config = (endpoint: string, changes: Partial<S3Config> = {}): S3Config => ({
  bucket: BUCKET,
  region: 'us-east-1',
  endpoint,
  forcePathStyle: true,
  prefix: 'desk-ai',
  sourcePrefixes: [],
  credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
  linkTtlMs: 3_600_000,
  timeoutMs: 20_000,
  cdnBaseUrl: undefined,
  ...changes,
});
