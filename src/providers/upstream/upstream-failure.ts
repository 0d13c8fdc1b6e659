import { ProviderError } from '../../common/errors/errors.js';
import { parseRetryAfter } from '../../common/http/outbound/retry-after.js';
import { UpstreamError } from './upstream-error.js';

/** Who was asked for what, as logs, tasks and messages name it. */
export interface UpstreamCall {
  /** Adapter name, for example `naver`. */
  readonly provider: string;
  readonly operation: string;
  /** Begins the sentences that a person reads, for example `The inference server`. */
  readonly subject: string;
}

type ProviderCode = 'provider_failed' | 'provider_unavailable' | 'provider_timeout';

interface FailureOptions {
  readonly reason: string;
  readonly upstreamStatus?: number;
  readonly retryAfterMs?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A ProviderError without `cause`: what vendors say may repeat our key, address or photo. */
export const providerFailure = (
  code: ProviderCode,
  call: UpstreamCall,
  sentence: string,
  { reason, upstreamStatus, retryAfterMs, details }: FailureOptions,
): ProviderError =>
  new ProviderError(code, `${call.subject} ${sentence}`, {
    provider: call.provider,
    operation: call.operation,
    details: { provider: call.provider, operation: call.operation, reason, ...details },
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

/** No whole answer came. A caller that gave up is not the server's failure: its own reason is thrown. */
export const toConnectionFailure = (
  error: UpstreamError,
  call: UpstreamCall,
  signal: AbortSignal,
): unknown => {
  const { reason } = error;
  switch (error.kind) {
    case 'aborted':
      return signal.aborted ? signal.reason : error;
    case 'timeout':
      return providerFailure('provider_timeout', call, 'took too long.', { reason });
    case 'tls_failed':
      return providerFailure(
        'provider_failed',
        call,
        'has no valid TLS certificate: an operator has to look at it.',
        { reason },
      );
    case 'too_large':
      return providerFailure('provider_failed', call, 'sent more than we take.', { reason });
    case 'dns_failed':
    case 'connection_failed':
      return providerFailure('provider_unavailable', call, 'cannot be reached.', { reason });
  }
};

const TRANSIENT = new Set([408, 409, 425, 429]);

/** An answer that is none of 2xx, as far as its status alone tells. */
export const toStatusFailure = (
  status: number,
  headers: Headers,
  call: UpstreamCall,
  nowMs: number,
): ProviderError => {
  const options = { reason: `http_${status}`, upstreamStatus: status };
  if (status >= 500 || TRANSIENT.has(status)) {
    const retryAfterMs = parseRetryAfter(headers.get('retry-after') ?? undefined, nowMs);
    const sentence = status === 429 ? 'has too much to do.' : 'is unavailable.';
    return providerFailure('provider_unavailable', call, sentence, { ...options, retryAfterMs });
  }
  if (status === 401 || status === 403) {
    return providerFailure(
      'provider_failed',
      call,
      'refused our credentials: an operator has to look at them.',
      options,
    );
  }
  return providerFailure('provider_failed', call, 'refused the request.', options);
};

/** The answer came, and cannot be used. */
export const toUnusableAnswer = (
  call: UpstreamCall,
  reason: string,
  upstreamStatus?: number,
): ProviderError =>
  providerFailure('provider_failed', call, 'gave an answer that cannot be used.', {
    reason,
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
  });
