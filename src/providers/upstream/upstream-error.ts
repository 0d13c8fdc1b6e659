export type UpstreamErrorKind =
  'dns_failed' | 'tls_failed' | 'connection_failed' | 'timeout' | 'too_large' | 'aborted';

/**
 * A configured server gave no whole answer. As in the outbound gate there is no `cause`: the errors of
 * fetch carry addresses and, for some codes, bytes of the answer.
 */
export class UpstreamError extends Error {
  constructor(
    readonly kind: UpstreamErrorKind,
    /** Stable word for logs, for example `ECONNREFUSED`. */
    readonly reason: string,
  ) {
    super(`No whole answer: ${kind} (${reason})`);
    this.name = 'UpstreamError';
  }
}

const TLS_CODES =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO|INVALID_CA)/;
const DNS_CODES = /^(?:ENOTFOUND|EAI_|ENODATA|ENONAME)/;
const TIMEOUT_CODES = /^(?:ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT)/;
const MAX_DEPTH = 5;

/**
 * fetch wraps: the code is on the error itself, on its cause or on the cause of that. Looked at by shape,
 * since the errors of Node's own modules may come from another realm than ours.
 */
export const findErrorCode = (error: unknown): string => {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (typeof current !== 'object' || current === null) break;
    if ('code' in current && typeof current.code === 'string') return current.code;
    // Happy eyeballs: one error for all addresses that were tried.
    if ('errors' in current && Array.isArray(current.errors)) current = current.errors[0];
    else current = 'cause' in current ? current.cause : undefined;
  }
  return 'unknown';
};

export const toUpstreamError = (error: unknown): UpstreamError => {
  if (error instanceof UpstreamError) return error;
  const code = findErrorCode(error);
  if (TLS_CODES.test(code)) return new UpstreamError('tls_failed', code);
  if (DNS_CODES.test(code)) return new UpstreamError('dns_failed', code);
  if (TIMEOUT_CODES.test(code)) return new UpstreamError('timeout', code);
  return new UpstreamError('connection_failed', code);
};
