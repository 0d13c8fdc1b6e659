import { AppError } from '../common/errors/app-error.js';

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly factor: number;
}

/**
 * Exponential backoff with "equal jitter": half of the pause is fixed, half is random, so that tasks
 * that failed together do not come back together.
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param failures how many attempts have failed, from 1
 * @param random 0 to 1
 */
export const backoffMs = (backoff: Backoff, failures: number, random: number): number => {
  const full = Math.min(backoff.maxMs, backoff.firstMs * backoff.factor ** (failures - 1));
  return Math.round(full / 2 + (full / 2) * random);
};

/** Transient or permanent: the error's class says so, nothing else does. Unknown errors are bugs and count as attempts. */
export const isRetryable = (error: unknown): boolean =>
  error instanceof AppError ? error.retryable : true;

export const retryAfterMsOf = (error: unknown): number =>
  error instanceof AppError ? (error.retryAfterMs ?? 0) : 0;

/** Ends this run of the task; the engine starts it again after `delayMs`. */
export class RetryLater extends Error {
  constructor(
    readonly delayMs: number,
    readonly step: string,
    options: { readonly cause: unknown },
  ) {
    super(`Step ${step} is tried again in ${delayMs} ms`, options);
    this.name = 'RetryLater';
  }
}

/** Another run owns the task now: whatever this one found must not be written. */
export class ClaimLost extends Error {
  constructor(taskId: string) {
    super(`Task ${taskId} is owned by another run`);
    this.name = 'ClaimLost';
  }
}
