import { AppError } from '../common/errors/app-error.js';
import { type TaskError } from './task.js';

/** A task's stored error, thrown again so that HTTP answers with the same code as the task carries. */
export class StoredTaskError extends AppError {
  constructor(taskId: string, error: TaskError) {
    super(error.code, error.message, { details: { ...error.details, taskId } });
  }
}
