import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

import { type S3Config } from '../../config/storage.config.js';

/** Reads and whole-object writes can be repeated safely; a store that closes idle connections needs it. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;
const CONNECT_TIMEOUT_MS = 3_000;

type RetryStrategy = NonNullable<S3ClientConfig['retryStrategy']>;
type NewRetryStrategy = Extract<RetryStrategy, { acquireInitialRetryToken: unknown }>;
type RetryToken = Awaited<ReturnType<NewRetryStrategy['acquireInitialRetryToken']>>;

const tokenOf = (count: number): RetryToken => ({
  getRetryCount: () => count,
  getRetryDelay: () => (count === 0 ? 0 : FIRST_PAUSE_MS * 2 ** count),
});

/**
 * Short tries only. The SDK's own strategy sleeps as long as `Retry-After` says, up to 20 s, while a caller
 * of `/images` waits; longer pauses are the task engine's business.
 */
const shortRetries: NewRetryStrategy = {
  acquireInitialRetryToken: async () => tokenOf(0),
  refreshRetryTokenForRetry: async (token, { errorType }) => {
    const count = token.getRetryCount() + 1;
    const mayPass = errorType === 'TRANSIENT' || errorType === 'SERVER_ERROR';
    if (mayPass && count < ATTEMPTS) return tokenOf(count);
    // The word for "no more" in this interface; the failure itself is what the caller then gets.
    throw new Error('No retry is left');
  },
  recordSuccess: () => undefined,
};

export const createS3Client = (config: S3Config): S3Client =>
  new S3Client({
    region: config.region,
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    forcePathStyle: config.forcePathStyle,
    ...(config.credentials === undefined ? {} : { credentials: config.credentials }),
    // Since v3.729 the SDK adds CRC32 trailers that GCS, R2, B2 and older MinIO refuse, and signs the
    // checksum of an empty body into presigned uploads. Source: github.com/aws/aws-sdk-js-v3/issues/6810
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    retryStrategy: shortRetries,
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_TIMEOUT_MS, config.timeoutMs),
      requestTimeout: config.timeoutMs,
      throwOnRequestTimeout: true,
    },
  });
