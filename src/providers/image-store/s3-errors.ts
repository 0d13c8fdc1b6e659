import { type ProviderError } from '../../common/errors/errors.js';
import { findErrorCode, toUpstreamError, UpstreamError } from '../upstream/upstream-error.js';
import {
  providerFailure,
  toConnectionFailure,
  toStatusFailure,
  type UpstreamCall,
} from '../upstream/upstream-failure.js';

const ABSENT = new Set(['NoSuchKey', 'NotFound']);
const NO_CREDENTIALS = 'CredentialsProviderError';
/** The SDK's words for "give up after so long"; the codes of sockets are known elsewhere. */
const TIMEOUTS = new Set(['TimeoutError', 'RequestTimeout']);
const CODE = /^[A-Za-z]{1,64}$/;

const statusOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) {
    return undefined;
  }
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
};

export const isAbsent = (error: unknown): boolean =>
  error instanceof Error && ABSENT.has(error.name);

/**
 * The failure of a socket, which alone is worth another try; anything else is an answer that makes no
 * sense. The SDK wraps errors that come from another realm and keeps only their text.
 */
const findSocketError = (error: unknown): unknown => {
  if (findErrorCode(error) !== 'unknown') return error;
  const text = error instanceof Error ? error.message : '';
  const code = /\b(?:E[A-Z]{4,}|EAI_[A-Z]+)\b/.exec(text)?.[0];
  return code === undefined ? undefined : { code };
};

/** What the SDK throws, in our words: no bucket, key, host or signature is passed on. */
export const toStoreFailure = (
  error: unknown,
  operation: string,
  signal: AbortSignal,
  nowMs: number,
): unknown => {
  if (signal.aborted) return signal.reason;
  const call: UpstreamCall = { provider: 's3', operation, subject: 'The image store' };
  if (error instanceof UpstreamError) return toConnectionFailure(error, call, signal);
  const name = error instanceof Error && CODE.test(error.name) ? error.name : 'unknown';
  const status = statusOf(error);
  if (status !== undefined && status >= 300) return fromStatus(status, name, call, nowMs);
  if (name === NO_CREDENTIALS) {
    return providerFailure(
      'provider_failed',
      call,
      'has no credentials: an operator has to set AWS_ACCESS_KEY_ID or give the machine a role.',
      { reason: name },
    );
  }
  if (TIMEOUTS.has(name)) {
    return toConnectionFailure(new UpstreamError('timeout', name), call, signal);
  }
  const socketError = findSocketError(error);
  if (socketError) return toConnectionFailure(toUpstreamError(socketError), call, signal);
  return providerFailure('provider_failed', call, 'gave an answer that cannot be used.', {
    reason: name,
  });
};

const fromStatus = (
  status: number,
  name: string,
  call: UpstreamCall,
  nowMs: number,
): ProviderError => {
  if (name === 'NoSuchBucket') {
    return providerFailure(
      'provider_failed',
      call,
      'has no such bucket: an operator has to look at S3_BUCKET.',
      { reason: name, upstreamStatus: status },
    );
  }
  return toStatusFailure(status, new Headers(), call, nowMs);
};
