/** What went wrong with a request to an address from outside; the list is closed. */
export type OutboundErrorKind =
  | 'forbidden_url'
  | 'forbidden_address'
  | 'dns_failed'
  | 'connection_failed'
  | 'tls_failed'
  | 'timeout'
  | 'http_status'
  | 'too_many_redirects'
  | 'too_large'
  | 'protocol_error'
  | 'aborted';

export interface OutboundErrorOptions {
  /** Stable word for logs, for example `loopback`, `ENOTFOUND` or `first_byte`. */
  readonly reason: string;
  /** Host name only; empty when the address could not even be parsed. */
  readonly host: string;
  /** Whether the same request may well succeed later. */
  readonly isTransient?: boolean;
  readonly status?: number;
  readonly retryAfterMs?: number;
}

/**
 * A request through the gate failed. The message names the host and nothing else of the address:
 * path and query may be a signature. For the same reason there is no `cause`: Node's own errors
 * carry the whole input (`ERR_INVALID_URL`) or bytes of the answer (undici's parser error).
 */
export class OutboundError extends Error {
  readonly reason: string;
  readonly host: string;
  readonly isTransient: boolean;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly kind: OutboundErrorKind,
    message: string,
    options: OutboundErrorOptions,
  ) {
    super(message);
    this.name = 'OutboundError';
    this.reason = options.reason;
    this.host = options.host;
    this.isTransient = options.isTransient ?? false;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // undici's HTTPParserError has a code by its type and none in fact.
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown';
};

const TLS_CODES =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH)/;
const PROTOCOL_CODES =
  /^(?:HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|UND_ERR_INVALID_ARG|Z_|ERR_.*BROTLI)/;
const NO_SUCH_NAME = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA', 'ENONAME']);

/** A failed look-up; only "there is no such name" is final, all else may be the resolver's bad day. */
export const toDnsError = (error: unknown, host: string): OutboundError => {
  const reason = codeOf(error);
  const isTransient = !NO_SUCH_NAME.has(reason);
  const message = isTransient
    ? `The name "${host}" could not be resolved`
    : `There is no host named "${host}"`;
  return new OutboundError('dns_failed', message, { reason, host, isTransient });
};

/** Translates what Node and undici throw while connecting, sending and reading. */
export const toOutboundError = (error: unknown, host: string): OutboundError => {
  if (error instanceof OutboundError) return error;
  const reason = codeOf(error);
  if (TLS_CODES.test(reason)) {
    return new OutboundError('tls_failed', `"${host}" has no valid TLS certificate`, {
      reason,
      host,
    });
  }
  if (reason === 'UND_ERR_CONNECT_TIMEOUT' || reason === 'ETIMEDOUT') {
    return new OutboundError('timeout', `"${host}" did not accept the connection in time`, {
      reason,
      host,
      isTransient: true,
    });
  }
  if (PROTOCOL_CODES.test(reason)) {
    return new OutboundError('protocol_error', `"${host}" gave an answer that is not valid HTTP`, {
      reason,
      host,
    });
  }
  return new OutboundError('connection_failed', `The connection to "${host}" failed`, {
    reason,
    host,
    isTransient: true,
  });
};
