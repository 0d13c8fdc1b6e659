import { AppError, type AppErrorOptions } from './app-error.js';

export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly messageKo?: string;
}

/** The request itself is wrong; no task was created. */
export class RequestError extends AppError {
  constructor(
    code:
      | 'malformed_json'
      | 'validation_failed'
      | 'method_not_allowed'
      | 'payload_too_large'
      | 'unsupported_media_type',
    message: string,
    readonly fieldErrors: readonly FieldError[] = [],
    options: AppErrorOptions = {},
  ) {
    super(code, message, options);
  }
}

/** A photo that came in could not be used. */
export class ImageError extends AppError {
  constructor(
    code:
      | 'image_url_forbidden'
      | 'image_unreachable'
      | 'image_too_large'
      | 'image_unreadable'
      | 'image_type_unsupported',
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(code, message, options);
  }
}

/** The request was understood and refused; trying again with the same input changes nothing. */
export class RefusedError extends AppError {
  constructor(
    code: 'not_a_desk' | 'content_rejected' | 'idempotency_key_reused',
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(code, message, options);
  }
}

export class AccessError extends AppError {
  constructor(code: 'unauthorized' | 'forbidden', message: string, options: AppErrorOptions = {}) {
    super(code, message, options);
  }
}

export class NotFoundError extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super('not_found', message, options);
  }
}

export class ConflictError extends AppError {
  constructor(
    code: 'task_running' | 'task_not_cancelable',
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(code, message, options);
  }
}

/** The caller has to wait: `retryAfterMs` says how long. */
export class LimitError extends AppError {
  constructor(
    code: 'rate_limited' | 'queue_full' | 'budget_exhausted',
    message: string,
    options: AppErrorOptions & { readonly retryAfterMs: number },
  ) {
    super(code, message, options);
  }
}

export interface ProviderErrorOptions extends AppErrorOptions {
  /** The adapter's name, for example `openai`. */
  readonly provider: string;
  /** What was being done, for example `images.edit`. */
  readonly operation: string;
  readonly upstreamStatus?: number;
}

/** A vendor or a server of ours failed. Vendor errors are translated into this once, in the adapter. */
export class ProviderError extends AppError {
  readonly provider: string;
  readonly operation: string;
  readonly upstreamStatus: number | undefined;

  constructor(
    code: 'provider_failed' | 'provider_unavailable' | 'provider_timeout',
    message: string,
    options: ProviderErrorOptions,
  ) {
    super(code, message, options);
    this.provider = options.provider;
    this.operation = options.operation;
    this.upstreamStatus = options.upstreamStatus;
  }
}

/** Raised at start only: lists every fault at once, and the process exits with a non-zero code. */
export class ConfigurationError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The configuration has ${faults.length} fault(s):\n- ${faults.join('\n- ')}`);
    this.name = 'ConfigurationError';
  }
}
