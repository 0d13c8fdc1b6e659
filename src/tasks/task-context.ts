import { type Clock } from '../common/clock.js';
import { AppError } from '../common/errors/app-error.js';
import { ProviderError } from '../common/errors/errors.js';
import { type ProviderCall } from '../providers/provider-call.js';
import { backoffMs, ClaimLost, isRetryable, RetryLater, retryAfterMsOf } from './retry-policy.js';
import { type StepPlan } from './task-handler.js';
import { type JsonObject, type JsonValue, type StepRecord, type Task } from './task.js';
import { type TaskProgress, type TaskStore } from './task-store.port.js';

export interface StepLimits {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  readonly timeoutMs: number;
}

export interface TaskContextParts {
  readonly task: Task;
  readonly steps: readonly StepRecord[];
  readonly plan: readonly StepPlan[];
  readonly store: TaskStore;
  readonly clock: Clock;
  readonly limits: StepLimits;
  readonly signal: AbortSignal;
  readonly onEvent: (type: 'step' | 'progress', data: JsonObject) => Promise<void>;
  readonly random: () => number;
}

/** Turns a stored output back into a step's value; throws when it does not fit any more. */
export type ParseStored<T> = (stored: JsonValue) => T;

/** What a handler sees of the engine while it runs one task under one claim. */
export class TaskContext {
  readonly task: Task;
  readonly signal: AbortSignal;
  private readonly warnings: string[];
  private readonly calls: ProviderCall[];
  private percent: number;

  constructor(private readonly parts: TaskContextParts) {
    this.task = parts.task;
    this.signal = parts.signal;
    this.warnings = [...parts.task.warnings];
    this.calls = [...parts.task.calls];
    this.percent = parts.task.percent;
  }

  /**
   * Runs one durable step: its output is stored before the next step may use it, and a stored output
   * is used instead of running the step again.
   *
   * @throws RetryLater when the step failed and may be tried again
   * @throws ClaimLost when another run owns the task by now
   */
  async step<T extends JsonValue>(
    name: string,
    run: (signal: AbortSignal) => Promise<T>,
    parse: ParseStored<T>,
  ): Promise<T> {
    const done = this.parts.steps.find((step) => step.step === name && step.outcome === 'done');
    if (done) return parse(done.output);
    this.signal.throwIfAborted();

    const startedAt = new Date(this.parts.clock.now());
    const attempt = this.failures(name) + 1;
    await this.report({ step: name });
    await this.parts.onEvent('step', {
      step: name,
      state: 'started',
      attempt,
      percent: this.percent,
    });
    try {
      const output = await this.withinTime(name, run);
      await this.finish(name, attempt, startedAt, output);
      return output;
    } catch (error) {
      throw await this.toFailure(name, attempt, startedAt, error);
    }
  }

  /**
   * Runs steps side by side. All of them are settled before a failure counts, so that a paid call in
   * flight is neither thrown away nor started again.
   */
  async all<T extends readonly unknown[]>(steps: {
    readonly [K in keyof T]: Promise<T[K]>;
  }): Promise<T> {
    const settled = await Promise.allSettled(steps);
    const failures = settled.filter((one) => one.status === 'rejected').map((one) => one.reason);
    // A permanent failure ends the task, so it outweighs one that would be tried again.
    const decisive = failures.find((reason) => !(reason instanceof RetryLater)) ?? failures[0];
    if (decisive !== undefined) throw decisive;
    return Promise.all(steps) as unknown as Promise<T>;
  }

  /** Adds to the task's result, warnings and cost ledger; seen by readers at once. */
  async add(found: {
    readonly result?: JsonObject;
    readonly warnings?: readonly string[];
    readonly calls?: readonly ProviderCall[];
  }): Promise<void> {
    for (const warning of found.warnings ?? []) {
      if (!this.warnings.includes(warning)) this.warnings.push(warning);
    }
    this.calls.push(...(found.calls ?? []));
    await this.report({
      result: found.result ?? {},
      warnings: [...this.warnings],
      calls: [...this.calls],
    });
  }

  private failures(name: string): number {
    return this.parts.steps.filter((step) => step.step === name && step.outcome === 'failed')
      .length;
  }

  private async report(progress: TaskProgress): Promise<void> {
    const isOurs = await this.parts.store.report(this.task.id, this.task.claim, progress);
    if (!isOurs) throw new ClaimLost(this.task.id);
  }

  /** A step that ignores its signal must not hold its task for ever, hence the race. */
  private async withinTime<T>(name: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = new AbortController();
    const signal = AbortSignal.any([this.signal, timeout.signal]);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => {
      const message = `Step ${name} took longer than ${this.parts.limits.timeoutMs} ms`;
      timeout.abort(
        new ProviderError('provider_timeout', message, { provider: 'task', operation: name }),
      );
    }, this.parts.limits.timeoutMs);
    try {
      return await Promise.race([run(signal), aborted]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  private async finish(
    name: string,
    attempt: number,
    startedAt: Date,
    output: JsonValue,
  ): Promise<void> {
    const finishedAt = new Date(this.parts.clock.now());
    const isOurs = await this.parts.store.addStep(this.task.id, this.task.claim, {
      step: name,
      attempt,
      outcome: 'done',
      output,
      errorCode: null,
      startedAt,
      finishedAt,
    });
    if (!isOurs) throw new ClaimLost(this.task.id);
    const planned = this.parts.plan.find((step) => step.name === name)?.percent ?? 0;
    // Steps that run side by side finish in any order; progress never goes back.
    this.percent = Math.max(this.percent, planned);
    await this.report({ percent: this.percent });
    const { percent } = this;
    await this.parts.onEvent('step', { step: name, state: 'finished', attempt, percent });
  }

  private async toFailure(
    name: string,
    attempt: number,
    startedAt: Date,
    error: unknown,
  ): Promise<unknown> {
    // Canceled or shutting down: the step did not fail, it was taken away.
    if (error instanceof ClaimLost || this.signal.aborted) return error;
    const { limits, store, clock, random } = this.parts;
    const isOurs = await store.addStep(this.task.id, this.task.claim, {
      step: name,
      attempt,
      outcome: 'failed',
      output: null,
      errorCode: error instanceof AppError ? error.code : 'internal_error',
      startedAt,
      finishedAt: new Date(clock.now()),
    });
    if (!isOurs) return new ClaimLost(this.task.id);
    if (!isRetryable(error) || attempt >= limits.attempts) return error;
    const backoff = { firstMs: limits.backoffMs, maxMs: limits.backoffMaxMs, factor: 2 };
    const delayMs = Math.max(backoffMs(backoff, attempt, random()), retryAfterMsOf(error));
    return new RetryLater(delayMs, name, { cause: error });
  }
}
