import { Occurrence } from '../common/telemetry/occurrence.js';
import { Operation } from '../common/telemetry/operation.js';
import { codeOf } from '../common/telemetry/outcome.js';
import { type CallbackResult } from '../providers/callback-sender/callback-sender.port.js';
import { type Delivery } from './delivery-store.port.js';
import { ClaimLost, RetryLater } from './retry-policy.js';
import { type CreateOutcome } from './task-store.port.js';
import { type Task } from './task.js';

export interface StepAttempt {
  readonly task: Task;
  readonly step: string;
  /** From 1. */
  readonly attempt: number;
}

/** One claim of a task, to its end or to its next pause. */
export const taskRuns = new Operation<{ readonly task: Task }>('desk-ai.task.run');
export const taskSteps = new Operation<StepAttempt>('desk-ai.task.step');
/** Undefined when the attempt was taken away by the shutdown. */
export const callbackAttempts = new Operation<
  { readonly delivery: Delivery },
  CallbackResult | undefined
>('desk-ai.callback.attempt');

export const taskCreations = new Occurrence<{
  readonly kind: string;
  readonly outcome: CreateOutcome['kind'];
}>('desk-ai.task.created');
export const taskEnds = new Occurrence<{ readonly task: Task }>('desk-ai.task.ended');
/** The loop that takes up tasks has turned. */
export const workerBeats = new Occurrence<object>('desk-ai.worker.beat');

export interface StepOutcome {
  readonly outcome: 'done' | 'retry' | 'failed' | 'aborted';
  /** Why; `none` when it is done. */
  readonly code: string;
}

export const stepOutcomeOf = (run: { readonly error?: unknown }): StepOutcome => {
  if (!('error' in run)) return { outcome: 'done', code: 'none' };
  const { error } = run;
  if (error instanceof RetryLater) return { outcome: 'retry', code: codeOf(error.cause) };
  const code = error instanceof ClaimLost ? 'aborted' : codeOf(error);
  return { outcome: code === 'aborted' ? 'aborted' : 'failed', code };
};
