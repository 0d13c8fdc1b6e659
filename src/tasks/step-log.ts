import { type AppLogger } from '../common/logging/app-logger.js';
import { type StepRecord, type Task } from './task.js';

/** One line for each attempt of a step. */
export const logStep = (logger: AppLogger, task: Task, record: StepRecord): void => {
  const { step, attempt, outcome, errorCode, startedAt, finishedAt } = record;
  logger.info('step', {
    taskId: task.id,
    kind: task.kind,
    ...(task.origin?.requestId && { requestId: task.origin.requestId }),
    step,
    attempt,
    outcome,
    ...(errorCode !== null && { code: errorCode }),
    durationMs: finishedAt.getTime() - startedAt.getTime(),
  });
};
