import { setTimeout as sleep } from 'node:timers/promises';

import { type Clock } from '../common/clock.js';
import { AppError } from '../common/errors/app-error.js';
import { ProviderError, RefusedError } from '../common/errors/errors.js';
import { type AppLogger } from '../common/logging/app-logger.js';
import { outsideTraces } from '../common/telemetry/trace-context.js';
import { type ProviderCall } from '../providers/provider-call.js';
import { OutdatedTask, PoisonedTask } from './outdated-task.js';
import { patiently } from './patience.js';
import { Quarantine } from './quarantine.js';
import { ClaimLost, RetryLater } from './retry-policy.js';
import { logStep } from './step-log.js';
import { StoreUnavailable } from './store/store-unavailable.js';
import { type TaskCallbacks } from './task-callbacks.js';
import { type StepLimits, TaskContext } from './task-context.js';
import { taskEnds, taskRuns } from './task.diagnostics.js';
import { type TaskFeed } from './task-feed.js';
import { type TaskHandler, type TaskHandlers } from './task-handler.js';
import { type TaskQueue } from './task-queue.port.js';
import {
  type ClaimOutcome,
  type HeldClaim,
  type TaskEnding,
  type TaskStore,
} from './task-store.port.js';
import { type TaskTidier } from './task-tidier.js';
import { type JsonObject, type Task, type TaskError } from './task.js';

export interface TaskWorkerParts {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly handlers: TaskHandlers;
  readonly feed: TaskFeed;
  readonly callbacks: TaskCallbacks;
  readonly tidier: TaskTidier;
  readonly clock: Clock;
  readonly logger: AppLogger;
  readonly limits: StepLimits;
  readonly deadlineMs: number;
  /** This process. */
  readonly name: string;
  /** Null where no other process works on the same tasks. */
  readonly leaseMs: number | null;
  /** Whether claims of others that look dead are dead, and not only cut off as this process was. */
  readonly mayTakeOver: () => boolean;
}

interface Run {
  readonly task: Task;
  readonly controller: AbortController;
  readonly onProgress: () => void;
  context?: TaskContext;
}

const TAKEN_AWAY = Symbol('taken away');
const SHUTTING_DOWN = Symbol('shutting down');
/** After aborting what is left at shutdown, how long handing it back may take, in milliseconds. */
const ABORT_GRACE_MS = 2_000;
/** How long a step that was taken away may go on before its files are removed, in milliseconds. */
const SETTLE_MS = 1_000;
/** A task of a newer version waits this long for a process that knows it, in milliseconds. */
const NEWER_VERSION_PAUSE_MS = 30_000;

/** Takes task ids from the queue and carries each one as far as it goes. */
export class TaskWorker {
  private readonly taken = new Set<string>();
  private readonly runs = new Map<string, Run>();
  private readonly quarantine = new Quarantine();
  private readonly stopping = new AbortController();

  constructor(private readonly parts: TaskWorkerParts) {}

  start(): void {
    // The queue may be woken inside of a request, of which the task is no part.
    this.parts.queue.start(
      (taskId) => outsideTraces(() => this.handle(taskId)),
      (taskId) => this.abandon(taskId),
    );
  }

  /** Stops taking tasks, lets running ones finish for `timeoutMs`, then hands the rest back. */
  async stop(timeoutMs: number): Promise<void> {
    await this.parts.queue.drain(timeoutMs);
    this.stopping.abort();
    for (const run of this.runs.values()) run.controller.abort(SHUTTING_DOWN);
    const until = Date.now() + ABORT_GRACE_MS;
    while (this.runs.size > 0 && Date.now() < until) await sleep(10);
  }

  held(): readonly HeldClaim[] {
    return [...this.runs.values()].map(({ task }) => ({ id: task.id, claim: task.claim }));
  }

  /** The task is not ours any more: what still runs for it is aborted at once. */
  abandon(taskId: string): void {
    this.runs.get(taskId)?.controller.abort(TAKEN_AWAY);
  }

  private async handle(taskId: string): Promise<void> {
    // The queue may know a task twice; a second claim of ours would take it away from the first.
    if (this.taken.has(taskId)) return;
    this.taken.add(taskId);
    try {
      await this.take(taskId);
    } catch (error) {
      // The task is intact in the store: it is taken up again, by us or by another process.
      const isOutage = error instanceof StoreUnavailable;
      this.parts.logger[isOutage ? 'warn' : 'error']('A task could not be carried on', {
        taskId,
        error,
      });
      this.parts.queue.wake(taskId, new Date(this.parts.clock.now() + this.parts.limits.backoffMs));
    } finally {
      this.taken.delete(taskId);
    }
  }

  private async take(taskId: string): Promise<void> {
    const outcome = await this.claim(taskId, false);
    if (outcome.kind !== 'suspect') return this.carryOn(outcome, () => undefined);
    const leave = await this.quarantine.enter(outcome.hasLastChance);
    try {
      if (this.stopping.signal.aborted) return;
      // Once it has finished a step it is no suspect any more, and the next one may come in.
      await this.carryOn(await this.claim(taskId, true), leave);
    } finally {
      leave();
    }
  }

  private claim(taskId: string, takesSuspects: boolean): Promise<ClaimOutcome> {
    const { store, name: worker, leaseMs } = this.parts;
    return patiently(() => {
      const mayTakeOver = this.parts.mayTakeOver();
      return store.claim(taskId, { worker, leaseMs, mayTakeOver, takesSuspects }, this.now());
    }, this.stopping.signal);
  }

  private async carryOn(outcome: ClaimOutcome, onProgress: () => void): Promise<void> {
    if (outcome.kind !== 'claimed' && outcome.kind !== 'poisoned') return;
    const { task, lostCalls } = outcome;
    const run: Run = { task, controller: new AbortController(), onProgress };
    this.runs.set(task.id, run);
    try {
      await taskRuns.run({ task }, async () => {
        this.announce(task, 'started', { claim: task.claim });
        try {
          if (outcome.kind === 'poisoned') throw new PoisonedTask();
          await this.runHandler(run, lostCalls);
        } catch (error) {
          await this.afterError(run, error);
        }
      });
    } finally {
      this.runs.delete(task.id);
      onProgress();
    }
  }

  private async runHandler(run: Run, lostCalls: readonly ProviderCall[]): Promise<void> {
    const { task } = run;
    const handler = this.handlerFor(task);
    if (handler.version < task.version) {
      throw new RetryLater(NEWER_VERSION_PAUSE_MS, task.step ?? 'start', {
        cause: new OutdatedTask('a newer one'),
      });
    }
    this.assertWithinDeadline(task);
    const { signal } = run.controller;
    const steps = await patiently(() => this.parts.store.steps(task.id), signal);
    const { store, clock, limits } = this.parts;
    run.context = new TaskContext({
      task,
      steps,
      lostCalls,
      plan: handler.steps,
      store,
      clock,
      limits,
      signal,
      onSaved: (change, isProgress) => {
        if (isProgress) run.onProgress();
        if (change.record) logStep(this.parts.logger, task, change.record);
        if (change.events) this.parts.feed.publish(task.id);
      },
      random: Math.random,
    });
    await handler.run(run.context);
    await this.end(run, { status: 'succeeded', error: null });
  }

  private handlerFor(task: Task): TaskHandler {
    const handler = this.parts.handlers.find(task.kind);
    if (!handler) throw new OutdatedTask(`kind ${task.kind} is unknown`);
    return handler;
  }

  private assertWithinDeadline(task: Task): void {
    if (this.isWithinDeadline(task, 0)) return;
    throw new ProviderError('provider_timeout', 'The task could not end before its deadline.', {
      provider: 'task',
      operation: task.step ?? 'start',
    });
  }

  private async afterError(run: Run, error: unknown): Promise<void> {
    const { task, controller } = run;
    if (controller.signal.reason === SHUTTING_DOWN) return this.handBack(run);
    if (error instanceof ClaimLost || controller.signal.aborted) return this.tidyAfterLoss(run);
    if (error instanceof RetryLater && this.isWithinDeadline(task, error.delayMs)) {
      return this.retryLater(run, error);
    }
    const cause = error instanceof RetryLater ? toDeadlineError(error) : error;
    if (!(cause instanceof AppError)) {
      this.parts.logger.error('A task failed by a bug', { taskId: task.id, error: cause });
    }
    const status =
      cause instanceof RefusedError && cause.code === 'not_a_desk' ? 'rejected' : 'failed';
    return this.end(run, { status, error: toTaskError(cause) });
  }

  private isWithinDeadline(task: Task, delayMs: number): boolean {
    return this.parts.clock.now() + delayMs < task.createdAt.getTime() + this.parts.deadlineMs;
  }

  private async retryLater({ task, controller }: Run, error: RetryLater): Promise<void> {
    const at = this.now();
    const dueAt = new Date(at.getTime() + error.delayMs);
    const data = { step: error.step, retry_in_ms: error.delayMs };
    const { store, queue } = this.parts;
    await patiently(
      () => store.release(task.id, task.claim, dueAt, { type: 'retry', at, data }),
      controller.signal,
    );
    this.announce(task, 'retry', data);
    queue.wake(task.id, dueAt);
  }

  /** At shutdown: another process, or the next start, goes on at once instead of after the lease. */
  private async handBack({ task, context }: Run): Promise<void> {
    await context?.settled(SETTLE_MS);
    await this.parts.store.release(task.id, task.claim, this.now(), null);
  }

  /** Canceled, or carried on elsewhere. What a step of ours stored meanwhile must not stay behind. */
  private async tidyAfterLoss({ task, context }: Run): Promise<void> {
    await context?.settled(SETTLE_MS);
    const current = await patiently(() => this.parts.store.find(task.id), this.stopping.signal);
    if (current && current.finishedAt !== null) await this.parts.tidier.tidy(current);
  }

  private async end(run: Run, ending: Pick<TaskEnding, 'status' | 'error'>): Promise<void> {
    const { task, context, controller } = run;
    const { store, callbacks, tidier } = this.parts;
    const full: TaskEnding = { ...ending, at: this.now(), change: context?.summary() ?? {} };
    const ended = await patiently(
      () => store.end(task.id, task.claim, full, (after) => callbacks.toDelivery(after)),
      controller.signal,
    );
    if (!ended) return this.tidyAfterLoss(run);
    taskEnds.tell({ task: ended });
    this.announce(ended, 'ended', { status: ended.status });
    callbacks.wake();
    await context?.settled(SETTLE_MS);
    await tidier.tidy(ended);
  }

  private announce(task: Task, event: string, data: JsonObject): void {
    this.parts.feed.publish(task.id);
    this.parts.logger.info('task', { taskId: task.id, kind: task.kind, event, ...data });
  }

  private now(): Date {
    return new Date(this.parts.clock.now());
  }
}

const toDeadlineError = (error: RetryLater): AppError => {
  if (error.cause instanceof AppError) return error.cause;
  return new ProviderError('provider_timeout', 'The task did not end before its deadline', {
    provider: 'task',
    operation: error.step,
    cause: error.cause,
  });
};

const toTaskError = (error: unknown): TaskError =>
  error instanceof AppError
    ? {
        code: error.code,
        message: error.message,
        details: JSON.parse(JSON.stringify(error.details)) as JsonObject,
      }
    : { code: 'internal_error', message: 'Something went wrong on our side', details: {} };
