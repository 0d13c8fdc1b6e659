import { GenerationSettings } from './generation.config.js';
import { OPENAI_ADDRESS, OpenAiSettings } from './openai.config.js';
import { ProductsSettings } from './products.config.js';
import { type Environment, findSettingFaults, readSettings, toList } from './read-settings.js';
import { StorageSettings } from './storage.config.js';

const OPENAI_HOST = new URL(OPENAI_ADDRESS).host;
/** Links are promised to have at most 255 characters; this is what year, month and name take. */
const MAX_CDN_PREFIX = 255 - '/2026/11/'.length - 60;

const repeated = (name: string, value: string | undefined): string[] => {
  const list = toList(value);
  return new Set(list).size === list.length ? [] : [`${name} must not name a provider twice`];
};

const generationFaults = (
  settings: GenerationSettings,
  openAi: OpenAiSettings,
  needsKeys: boolean,
): string[] => {
  // A gateway of one's own may well want no key.
  const canUseOpenAi =
    !needsKeys || openAi.OPENAI_API_KEY || new URL(openAi.OPENAI_BASE_URL).host !== OPENAI_HOST;
  const faults = repeated('IMAGE_GENERATOR', settings.IMAGE_GENERATOR);
  if (settings.PROMPT_WRITER === 'openai' && !canUseOpenAi) {
    faults.push('OPENAI_API_KEY must be set when PROMPT_WRITER is openai');
  }
  if (toList(settings.IMAGE_GENERATOR).includes('openai') && !canUseOpenAi) {
    faults.push('OPENAI_API_KEY must be set when IMAGE_GENERATOR names openai');
  }
  if (settings.CUSTOM_IMAGE_GENERATOR === 'remote' && !settings.CUSTOM_INFERENCE_URL) {
    faults.push('CUSTOM_INFERENCE_URL must be set when CUSTOM_IMAGE_GENERATOR is remote');
  }
  return faults;
};

const productFaults = (settings: ProductsSettings, needsKeys: boolean): string[] => {
  const kinds = toList(settings.PRODUCT_SEARCH);
  const faults = repeated('PRODUCT_SEARCH', settings.PRODUCT_SEARCH);
  if (!needsKeys) return faults;
  const hasBoth = settings.NAVER_CLIENT_ID && settings.NAVER_CLIENT_SECRET;
  if (
    !hasBoth &&
    (kinds.includes('naver') || settings.NAVER_CLIENT_ID || settings.NAVER_CLIENT_SECRET)
  ) {
    faults.push('NAVER_CLIENT_ID and NAVER_CLIENT_SECRET must be set together to use naver');
  }
  if (kinds.includes('elevenst') && !settings.ELEVENST_API_KEY) {
    faults.push('ELEVENST_API_KEY must be set when PRODUCT_SEARCH names elevenst');
  }
  return faults;
};

const s3Faults = (settings: StorageSettings): string[] => {
  const faults: string[] = [];
  if (!settings.S3_BUCKET) faults.push('S3_BUCKET must be set when STORAGE is s3');
  if (!settings.S3_REGION && !settings.S3_ENDPOINT) {
    faults.push('S3_REGION must be set when STORAGE is s3 and S3_ENDPOINT is not set');
  }
  const cdn = settings.STORAGE_PUBLIC_BASE_URL ?? '';
  if (cdn.length + settings.S3_PREFIX.length > MAX_CDN_PREFIX) {
    faults.push('STORAGE_PUBLIC_BASE_URL and S3_PREFIX are too long for links of 255 characters');
  }
  return faults;
};

const storageFaults = (settings: StorageSettings): string[] => {
  const isS3 = (settings.STORAGE ?? (settings.S3_BUCKET ? 's3' : 'local')) === 's3';
  const faults = isS3 ? s3Faults(settings) : [];
  if (!isS3 && settings.STORAGE_PUBLIC_BASE_URL) {
    faults.push('STORAGE_PUBLIC_BASE_URL needs STORAGE to be s3');
  }
  if (Boolean(settings.AWS_ACCESS_KEY_ID) !== Boolean(settings.AWS_SECRET_ACCESS_KEY)) {
    faults.push('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together');
  }
  return faults;
};

const isReadable = (settingsClass: new () => object, environment: Environment): boolean =>
  findSettingFaults(settingsClass, environment).length === 0;

/** Settings that are right one by one and wrong together. Classes with faults of their own are left out. */
export const findProviderFaults = (environment: Environment): string[] => {
  const faults: string[] = [];
  // Nothing is drawn, written or searched for by a process that only takes tasks in.
  const needsKeys = environment['ROLE']?.trim() !== 'api';
  if (isReadable(GenerationSettings, environment) && isReadable(OpenAiSettings, environment)) {
    faults.push(
      ...generationFaults(
        readSettings(GenerationSettings, environment),
        readSettings(OpenAiSettings, environment),
        needsKeys,
      ),
    );
  }
  if (isReadable(ProductsSettings, environment)) {
    faults.push(...productFaults(readSettings(ProductsSettings, environment), needsKeys));
  }
  if (isReadable(StorageSettings, environment)) {
    faults.push(...storageFaults(readSettings(StorageSettings, environment)));
  }
  return faults;
};
