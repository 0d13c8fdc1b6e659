import { ERROR_CODES, type ErrorCode } from './error-codes.js';

export interface AppErrorOptions {
  /** The message for readers of Korean; without it they read the code's advice. */
  readonly messageKo?: string;
  readonly cause?: unknown;
  /** Machine-readable context for logs and task records. Never a secret, never a provider's body. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** How long the caller or the task should wait before the next attempt, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Overrides the code's default where the cause decides, as for a photo server that was briefly down. */
  readonly retryable?: boolean;
}

/**
 * Root of every expected failure. It knows nothing of HTTP or of the current request, so a
 * background task can throw it, store it and tell it by callback with the same `code` that the
 * HTTP answer would carry. `message` is safe to show to a caller.
 */
export abstract class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly messageKo: string | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.messageKo = options.messageKo;
  }
}
