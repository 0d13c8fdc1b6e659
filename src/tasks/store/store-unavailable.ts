import { types } from 'node:util';

import { ProviderError } from '../../common/errors/errors.js';

const { isNativeError } = types;

/** When a caller may try again, in milliseconds. */
const RETRY_AFTER_MS = 5_000;

/**
 * The database cannot be read or written right now. HTTP answers 503 with Retry-After; the engine
 * waits and tries again, so that no task fails because of it.
 */
export class StoreUnavailable extends ProviderError {
  constructor(cause: unknown) {
    super('provider_unavailable', 'The task store cannot be reached right now. Try again soon.', {
      provider: 'task_store',
      operation: 'query',
      retryAfterMs: RETRY_AFTER_MS,
      cause,
    });
  }
}

/**
 * SQLite result codes that mean "this statement is wrong", as opposed to "not now".
 * https://www.sqlite.org/rescode.html: ERROR, MISMATCH, CONSTRAINT, RANGE
 */
const SQLITE_BUGS = new Set([1, 19, 20, 25]);
/** https://www.postgresql.org/docs/15/errcodes-appendix.html: data, integrity, syntax and access rules. */
const POSTGRES_BUG_CLASSES = new Set(['22', '23', '42']);

const isBug = (error: Error): boolean => {
  if ('errcode' in error && typeof error.errcode === 'number') {
    return SQLITE_BUGS.has(error.errcode % 256);
  }
  if ('severity' in error && 'code' in error && typeof error.code === 'string') {
    return POSTGRES_BUG_CLASSES.has(error.code.slice(0, 2));
  }
  return false;
};

const cameFromDatabase = (error: Error): boolean =>
  'errcode' in error || 'severity' in error || 'syscall' in error || isConnectionError(error);

/** `pg` has no codes for these. */
const isConnectionError = (error: Error): boolean =>
  /connection terminated|timeout exceeded when trying to connect|connection timeout|not queryable|connection ended|client was closed|query read timeout/i.test(
    error.message,
  );

/** Everything that a database does to us is "not now", except what can only be our own bug. */
export const toStoreError = (error: unknown): unknown =>
  isNativeError(error) && cameFromDatabase(error) && !isBug(error)
    ? new StoreUnavailable(error)
    : error;
