import { setTimeout as sleep } from 'node:timers/promises';

import { type Clock } from '../common/clock.js';
import { AppError } from '../common/errors/app-error.js';
import { ProviderError, RefusedError } from '../common/errors/errors.js';
import { type AppLogger } from '../common/logging/app-logger.js';
import { type TaskCallbacks } from './task-callbacks.js';
import { ClaimLost, RetryLater } from './retry-policy.js';
import { type StepLimits, TaskContext } from './task-context.js';
import { type TaskFeed } from './task-feed.js';
import { type TaskHandler, type TaskHandlers } from './task-handler.js';
import { type TaskQueue } from './task-queue.port.js';
import { type TaskEnding, type TaskStore } from './task-store.port.js';
import { type JsonObject, type Task, type TaskError, type TaskEventType } from './task.js';

export interface TaskWorkerParts {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly handlers: TaskHandlers;
  readonly feed: TaskFeed;
  readonly callbacks: TaskCallbacks;
  readonly clock: Clock;
  readonly logger: AppLogger;
  readonly limits: StepLimits;
  readonly deadlineMs: number;
}

const CANCELED = Symbol('canceled');
const SHUTTING_DOWN = Symbol('shutting down');
/** After aborting what is left at shutdown, how long its cleaning up may take, in milliseconds. */
const ABORT_GRACE_MS = 1_000;

/** Takes task ids from the queue and carries each one as far as it goes. */
export class TaskWorker {
  private readonly running = new Map<string, AbortController>();

  constructor(private readonly parts: TaskWorkerParts) {}

  async start(): Promise<void> {
    this.parts.queue.start((taskId) => this.handle(taskId));
    for (const taskId of await this.parts.store.unfinished()) await this.parts.queue.add(taskId);
  }

  /** Stops taking tasks, lets running ones finish for `timeoutMs`, then takes the rest away from them. */
  async stop(timeoutMs: number): Promise<void> {
    await this.parts.queue.drain(timeoutMs);
    if (this.running.size === 0) return;
    for (const controller of this.running.values()) controller.abort(SHUTTING_DOWN);
    const until = Date.now() + ABORT_GRACE_MS;
    while (this.running.size > 0 && Date.now() < until) await sleep(10);
  }

  get activeCount(): number {
    return this.running.size;
  }

  /**
   * Cancels a task wherever it is: its claim is taken over, so that nothing a running step still
   * finds can be written, then the step's signal is aborted.
   *
   * @returns the canceled task, undefined when it had already ended
   */
  async cancel(taskId: string): Promise<Task | undefined> {
    const task = await this.parts.store.claim(taskId, this.now());
    if (!task) return undefined;
    const ended = await this.end(task, { status: 'canceled', error: null, at: this.now() });
    this.running.get(taskId)?.abort(CANCELED);
    return ended;
  }

  private async handle(taskId: string): Promise<void> {
    try {
      const task = await this.parts.store.claim(taskId, this.now());
      if (task) await this.run(task);
    } catch (error) {
      // The store could not be written: the task is intact there, so it is only put back.
      this.parts.logger.error('A task could not be carried on', { taskId, error });
      await this.parts.queue.add(taskId, this.parts.limits.backoffMs);
    }
  }

  private async run(task: Task): Promise<void> {
    const controller = new AbortController();
    this.running.set(task.id, controller);
    try {
      await this.emit(task, 'started', { claim: task.claim });
      const handler = this.parts.handlers.get(task.kind);
      await handler.run(await this.contextFor(task, handler, controller.signal));
      await this.end(task, { status: 'succeeded', error: null, at: this.now() });
    } catch (error) {
      await this.afterError(task, error, controller.signal);
    } finally {
      this.running.delete(task.id);
    }
  }

  private async contextFor(
    task: Task,
    handler: TaskHandler,
    signal: AbortSignal,
  ): Promise<TaskContext> {
    const { store, clock, limits } = this.parts;
    return new TaskContext({
      task,
      steps: await store.steps(task.id),
      plan: handler.steps,
      store,
      clock,
      limits,
      signal,
      onEvent: (type, data) => this.emit(task, type, data),
      random: Math.random,
    });
  }

  private async afterError(task: Task, error: unknown, signal: AbortSignal): Promise<void> {
    if (error instanceof ClaimLost || signal.aborted) return;
    if (error instanceof RetryLater && this.isWithinDeadline(task, error.delayMs)) {
      await this.emit(task, 'retry', { step: error.step, retry_in_ms: error.delayMs });
      await this.parts.queue.add(task.id, error.delayMs);
      return;
    }
    const cause = error instanceof RetryLater ? this.deadlineError(error) : error;
    if (!(cause instanceof AppError)) {
      this.parts.logger.error('A task failed by a bug', { taskId: task.id, error: cause });
    }
    const status =
      cause instanceof RefusedError && cause.code === 'not_a_desk' ? 'rejected' : 'failed';
    await this.end(task, { status, error: toTaskError(cause), at: this.now() });
  }

  private isWithinDeadline(task: Task, delayMs: number): boolean {
    return this.parts.clock.now() + delayMs < task.createdAt.getTime() + this.parts.deadlineMs;
  }

  private deadlineError(error: RetryLater): AppError {
    if (error.cause instanceof AppError) return error.cause;
    return new ProviderError('provider_timeout', 'The task did not end before its deadline', {
      provider: 'task',
      operation: error.step,
      cause: error.cause,
    });
  }

  private async end(task: Task, ending: TaskEnding): Promise<Task | undefined> {
    const { store, callbacks, handlers, logger } = this.parts;
    const ended = await store.end(task.id, task.claim, ending, (after) =>
      callbacks.toDelivery(after),
    );
    if (!ended) return undefined;
    await this.emit(ended, 'ended', { status: ended.status });
    callbacks.wake();
    // Working files are not worth a failed task: what stays behind is logged.
    await handlers
      .get(task.kind)
      .cleanUp(ended)
      .catch((error: unknown) => logger.error('Clean-up failed', { taskId: task.id, error }));
    return ended;
  }

  private async emit(task: Task, type: TaskEventType, data: JsonObject): Promise<void> {
    await this.parts.store.addEvent(task.id, { type, at: this.now(), data });
    this.parts.feed.publish(task.id);
    this.parts.logger.info('task', { taskId: task.id, kind: task.kind, event: type, ...data });
  }

  private now(): Date {
    return new Date(this.parts.clock.now());
  }
}

const toTaskError = (error: unknown): TaskError =>
  error instanceof AppError
    ? {
        code: error.code,
        message: error.message,
        details: JSON.parse(JSON.stringify(error.details)) as JsonObject,
      }
    : { code: 'internal_error', message: 'Something went wrong on our side', details: {} };
