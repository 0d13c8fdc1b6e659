import { setTimeout as sleep } from 'node:timers/promises';

import { type Clock } from '../common/clock.js';
import { AppError } from '../common/errors/app-error.js';
import { ProviderError } from '../common/errors/errors.js';
import { type ProviderCall } from '../providers/provider-call.js';
import { OutdatedTask } from './outdated-task.js';
import { patiently } from './patience.js';
import { backoffMs, ClaimLost, isRetryable, RetryLater, retryAfterMsOf } from './retry-policy.js';
import { taskSteps } from './task.diagnostics.js';
import { type StepPlan } from './task-handler.js';
import { type JsonObject, type JsonValue, type StepRecord, type Task } from './task.js';
import {
  type PaidCall,
  type TaskChange,
  type TaskEnding,
  type TaskStore,
} from './task-store.port.js';

export interface StepLimits {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  readonly timeoutMs: number;
}

export interface TaskContextParts {
  readonly task: Task;
  readonly steps: readonly StepRecord[];
  /** Paid calls of earlier claims whose outcome nobody knows. */
  readonly lostCalls: readonly ProviderCall[];
  readonly plan: readonly StepPlan[];
  readonly store: Pick<TaskStore, 'save'>;
  readonly clock: Clock;
  readonly limits: StepLimits;
  readonly signal: AbortSignal;
  /** Something was written that listeners want to know; `isProgress` when a step came to its end. */
  readonly onSaved: (change: TaskChange, isProgress: boolean) => void;
  readonly random: () => number;
}

/** Turns a stored output back into a step's value; throws when it does not fit any more. */
export type ParseStored<T> = (stored: JsonValue) => T;

/** What a handler sees of the engine while it runs one task under one claim. */
export class TaskContext {
  readonly task: Task;
  readonly signal: AbortSignal;
  private readonly found: { result: JsonObject; warnings: string[]; calls: ProviderCall[] };
  private readonly inFlight = new Set<Promise<unknown>>();
  private percent: number;
  private isUnsaved = false;
  /** Writes of steps side by side go one after the other: each carries all that was found so far. */
  private lastWrite: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: TaskContextParts) {
    this.task = parts.task;
    this.signal = parts.signal;
    // Finished steps tell their warnings and calls again when they answer from the store.
    this.found = { result: parts.task.result, warnings: [], calls: [...parts.lostCalls] };
    this.percent = parts.task.percent;
  }

  /**
   * Runs one durable step: its output is stored before the next step may use it, and a stored output
   * is used instead of running the step again.
   *
   * @param paid who is paid by it; undefined when it costs nothing
   * @throws RetryLater when the step failed and may be tried again
   * @throws ClaimLost when another run owns the task by now
   * @throws OutdatedTask when its stored output does not fit this version
   */
  async step<T extends JsonValue>(
    name: string,
    run: (signal: AbortSignal) => Promise<T>,
    parse: ParseStored<T>,
    paid?: PaidCall,
  ): Promise<T> {
    const names = this.namesOf(name);
    const known = this.parts.steps.filter((step) => names.includes(step.step));
    const done = known.find((step) => step.outcome === 'done');
    if (done) return parseDone(name, done, parse);
    this.signal.throwIfAborted();

    const startedAt = this.now();
    // Attempts under a former name count: the numbers stay unique whatever the step is called.
    const attempt = known.length + 1;
    await this.save({
      step: name,
      events: [this.stepEvent(name, 'started', attempt)],
      ...(paid && { intent: { ...paid, step: name, attempt, startedAt } }),
    });
    const from = { name, attempt, startedAt, isPaid: paid !== undefined };
    return taskSteps.run({ task: this.task, step: name, attempt }, async () => {
      try {
        const output = await this.withinTime(name, run);
        await this.finish(from, output);
        return output;
      } catch (error) {
        throw await this.toFailure(from, error);
      }
    });
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

  /** Adds to the task's result, warnings and costs; written with the next step that starts or ends. */
  async add(found: {
    readonly result?: JsonObject;
    readonly warnings?: readonly string[];
    readonly calls?: readonly ProviderCall[];
  }): Promise<void> {
    for (const warning of found.warnings ?? []) {
      if (!this.found.warnings.includes(warning)) this.found.warnings.push(warning);
    }
    this.found.calls.push(...(found.calls ?? []));
    this.found.result = { ...this.found.result, ...found.result };
    this.isUnsaved = true;
  }

  /** Everything that was added, for the task's end. */
  summary(): TaskEnding['change'] {
    const { result, warnings, calls } = this.found;
    return { result, warnings: [...warnings], calls: [...calls] };
  }

  /** Resolves when no step's work is going on any more, or after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.inFlight.size === 0) return;
    const waiting = new AbortController();
    await Promise.race([
      Promise.allSettled(this.inFlight),
      sleep(timeoutMs, undefined, { signal: waiting.signal }).catch(() => undefined),
    ]);
    waiting.abort();
  }

  private namesOf(name: string): readonly string[] {
    const plan = this.parts.plan.find((step) => step.name === name);
    return [name, ...(plan?.formerNames ?? [])];
  }

  private async save(change: TaskChange, isProgress = false): Promise<void> {
    const write = async (): Promise<void> => {
      const full: TaskChange = { ...change, ...(this.isUnsaved && this.summary()) };
      this.isUnsaved = false;
      const { store } = this.parts;
      const { id, claim } = this.task;
      const isOurs = await patiently(() => store.save(id, claim, full), this.signal);
      if (!isOurs) throw new ClaimLost(id);
      this.parts.onSaved(full, isProgress);
    };
    const writing = this.lastWrite.catch(() => undefined).then(write);
    this.lastWrite = writing.catch(() => undefined);
    await writing;
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
    const work = run(signal);
    this.track(work);
    try {
      return await Promise.race([work, aborted]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  private track(work: Promise<unknown>): void {
    const tracked = work.then(
      () => undefined,
      () => undefined,
    );
    this.inFlight.add(tracked);
    void tracked.then(() => this.inFlight.delete(tracked));
  }

  private async finish(from: StepStart, output: JsonValue): Promise<void> {
    const planned = this.parts.plan.find((step) => step.name === from.name)?.percent ?? 0;
    // Steps that run side by side finish in any order; progress never goes back.
    this.percent = Math.max(this.percent, planned);
    await this.save(
      {
        percent: this.percent,
        isPaid: from.isPaid,
        record: this.toRecord(from, 'done', output, null),
        events: [this.stepEvent(from.name, 'finished', from.attempt)],
      },
      true,
    );
  }

  private async toFailure(from: StepStart, error: unknown): Promise<unknown> {
    // Canceled or shutting down: the step did not fail, it was taken away.
    if (error instanceof ClaimLost || this.signal.aborted) return error;
    const { limits, random } = this.parts;
    const code = error instanceof AppError ? error.code : 'internal_error';
    try {
      const record = this.toRecord(from, 'failed', null, code);
      await this.save({ record, isPaid: from.isPaid }, true);
    } catch (saveError) {
      return saveError;
    }
    if (!isRetryable(error) || from.attempt >= limits.attempts) return error;
    const backoff = { firstMs: limits.backoffMs, maxMs: limits.backoffMaxMs, factor: 2 };
    const delayMs = Math.max(backoffMs(backoff, from.attempt, random()), retryAfterMsOf(error));
    return new RetryLater(delayMs, from.name, { cause: error });
  }

  private toRecord(
    { name, attempt, startedAt }: StepStart,
    outcome: StepRecord['outcome'],
    output: JsonValue,
    errorCode: StepRecord['errorCode'],
  ): StepRecord {
    return { step: name, attempt, outcome, output, errorCode, startedAt, finishedAt: this.now() };
  }

  private stepEvent(
    step: string,
    state: 'started' | 'finished',
    attempt: number,
  ): NonNullable<TaskChange['events']>[number] {
    return { type: 'step', at: this.now(), data: { step, state, attempt, percent: this.percent } };
  }

  private now(): Date {
    return new Date(this.parts.clock.now());
  }
}

interface StepStart {
  readonly name: string;
  readonly attempt: number;
  readonly startedAt: Date;
  readonly isPaid: boolean;
}

const parseDone = <T>(name: string, done: StepRecord, parse: ParseStored<T>): T => {
  try {
    return parse(done.output);
  } catch (cause) {
    throw new OutdatedTask(`the stored output of step ${name} has another shape`, { cause });
  }
};
