import { AppError } from '../common/errors/app-error.js';

/** The task was begun by another version of the service, and this one cannot finish it. */
export class OutdatedTask extends AppError {
  constructor(reason: string, options: { readonly cause?: unknown } = {}) {
    super(
      'internal_error',
      `This task was begun by another version of the service and cannot be finished by this one (${reason}). Send the request again.`,
      { ...options, retryable: false },
    );
  }
}

/** The process that worked on the task died several times: it is not tried any more. */
export class PoisonedTask extends AppError {
  constructor() {
    super(
      'internal_error',
      'This task was set aside: the process that worked on it stopped three times in a row.',
      { retryable: false },
    );
  }
}
