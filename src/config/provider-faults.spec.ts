import { describe, expect, it } from '@jest/globals';

import { findProviderFaults } from './provider-faults.js';
import { type Environment } from './read-settings.js';

describe(findProviderFaults.name, () => {
  it.each<readonly [string, Environment]>([
    ['nothing', {}],
    ['a key', { OPENAI_API_KEY: 'sk-x' }],
    ['a ladder', { OPENAI_API_KEY: 'sk-x', IMAGE_GENERATOR: 'openai, custom,embedded' }],
    ['a gateway without a key', { PROMPT_WRITER: 'openai', OPENAI_BASE_URL: 'http://gateway/v1' }],
    [
      'S3',
      {
        S3_BUCKET: 'desk',
        S3_REGION: 'ap-northeast-2',
        STORAGE_PUBLIC_BASE_URL: 'https://cdn.example',
      },
    ],
    [
      'providers whose keys only the workers have',
      { ROLE: 'api', PROMPT_WRITER: 'openai', IMAGE_GENERATOR: 'openai', PRODUCT_SEARCH: 'naver' },
    ],
    ['a compatible store', { S3_BUCKET: 'desk', S3_ENDPOINT: 'https://storage.googleapis.com' }],
  ])('has none with %s', (_, environment) => {
    expect(findProviderFaults(environment)).toEqual([]);
  });

  it.each<readonly [Environment, string]>([
    [{ PROMPT_WRITER: 'openai' }, 'OPENAI_API_KEY'],
    [{ ROLE: 'worker', PROMPT_WRITER: 'openai' }, 'OPENAI_API_KEY'],
    [{ IMAGE_GENERATOR: 'openai,embedded' }, 'OPENAI_API_KEY'],
    [{ IMAGE_GENERATOR: 'embedded,embedded' }, 'IMAGE_GENERATOR'],
    [{ CUSTOM_IMAGE_GENERATOR: 'remote' }, 'CUSTOM_INFERENCE_URL'],
    [{ PRODUCT_SEARCH: 'naver,catalogue' }, 'NAVER_CLIENT_ID'],
    [{ NAVER_CLIENT_ID: 'x' }, 'NAVER_CLIENT_SECRET'],
    [{ PRODUCT_SEARCH: 'elevenst' }, 'ELEVENST_API_KEY'],
    [{ PRODUCT_SEARCH: 'catalogue,catalogue' }, 'PRODUCT_SEARCH'],
    [{ STORAGE: 's3', S3_REGION: 'us-east-1' }, 'S3_BUCKET'],
    [{ S3_BUCKET: 'desk' }, 'S3_REGION'],
    [{ STORAGE_PUBLIC_BASE_URL: 'https://cdn.example' }, 'STORAGE_PUBLIC_BASE_URL'],
    [{ AWS_ACCESS_KEY_ID: 'x' }, 'AWS_SECRET_ACCESS_KEY'],
    [
      {
        S3_BUCKET: 'desk',
        S3_REGION: 'us-east-1',
        STORAGE_PUBLIC_BASE_URL: `https://${'c'.repeat(180)}.example`,
      },
      '255',
    ],
  ])('names %j', (environment, word) => {
    const faults = findProviderFaults(environment);

    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(word);
  });

  it('names all of them at once', () => {
    expect(
      findProviderFaults({ PROMPT_WRITER: 'openai', PRODUCT_SEARCH: 'elevenst', STORAGE: 's3' }),
    ).toHaveLength(4);
  });
});
