import { AppError } from '../common/errors/app-error.js';
import { ERROR_CODES } from '../common/errors/error-codes.js';
import { type TaskError } from './task.js';

const SERVICE_UNAVAILABLE = 503;
const RETRY_MS = 10_000;

/** A task's stored error, thrown again so that HTTP answers with the same code as the task carries. */
export class StoredTaskError extends AppError {
  constructor(taskId: string, error: TaskError) {
    const isForNow = ERROR_CODES[error.code].status === SERVICE_UNAVAILABLE;
    super(error.code, error.message, {
      details: { ...error.details, taskId },
      // The task has waited already, so what its last attempt was told is over.
      ...(isForNow ? { retryAfterMs: RETRY_MS } : {}),
    });
  }
}
