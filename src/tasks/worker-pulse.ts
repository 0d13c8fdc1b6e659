import { setTimeout as sleep } from 'node:timers/promises';

import { type Clock } from '../common/clock.js';
import { type AppLogger } from '../common/logging/app-logger.js';
import { LoopLiveness } from './loop-liveness.js';
import { StoreUnavailable } from './store/store-unavailable.js';
import { workerBeats } from './task.diagnostics.js';
import { type TaskQueue } from './task-queue.port.js';
import { type TaskStore } from './task-store.port.js';
import { type TaskTidier } from './task-tidier.js';
import { type TaskWorker } from './task.worker.js';

export interface WorkerPulseParts {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly worker: TaskWorker;
  readonly tidier: TaskTidier;
  readonly clock: Clock;
  readonly logger: AppLogger;
  readonly name: string;
  readonly leaseMs: number | null;
}

/** A cancel from elsewhere reaches a running call within this time, in milliseconds. */
const BEAT_MS = 500;
/** Tasks that lost their place in the queue are found after this time, in milliseconds. */
const SWEEP_MS = { embedded: 5_000, shared: 30_000 };
const SWEEP_LIMIT = { embedded: 1_000_000, shared: 500 };
const TIDY_MS = 60_000;
const RETENTION_MS = 60 * 60 * 1_000;
/** After a failure, in milliseconds; longer for what is seldom done. */
const CHORE_RETRY_MS = 5_000;
/** What hangs does not hold up the end of the process for longer, in milliseconds. */
const STOP_MS = 2_000;

/** The worker's heartbeat: renews its claims, notices lost ones, and takes up what dead workers left. */
export class WorkerPulse {
  private readonly stopping = new AbortController();
  private readonly due = new Map<string, number>();
  private loop: Promise<unknown> | undefined;
  private readonly liveness = new LoopLiveness();
  /** Infinity while the store is away. */
  private healthySince = Number.POSITIVE_INFINITY;
  private outages = 0;

  constructor(private readonly parts: WorkerPulseParts) {}

  private get kind(): 'embedded' | 'shared' {
    return this.parts.leaseMs === null ? 'embedded' : 'shared';
  }

  start(): void {
    this.liveness.turned();
    this.healthySince = performance.now();
    // The first start takes up at once what an earlier process left behind.
    this.loop = Promise.all([this.run(), this.doChores()]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    const waiting = new AbortController();
    const patience = sleep(STOP_MS, undefined, { signal: waiting.signal });
    await Promise.race([this.loop, patience.catch(() => undefined)]);
    waiting.abort();
  }

  isAlive(): boolean {
    return this.liveness.isAlive() && this.parts.queue.isAlive();
  }

  /**
   * Others renew their claims again when the database is back, and get the time for it: the outage
   * that we saw was theirs as well.
   */
  readonly mayTakeOver = (): boolean =>
    performance.now() - this.healthySince > (this.outages === 0 ? -1 : (this.parts.leaseMs ?? 0));

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.beat();
        this.liveness.turned();
        workerBeats.tell({});
        if (this.healthySince === Number.POSITIVE_INFINITY) this.healthySince = performance.now();
      } catch (error) {
        this.afterError(error);
      }
      await sleep(BEAT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private afterError(error: unknown): void {
    const isOutage = error instanceof StoreUnavailable;
    if (isOutage && this.healthySince !== Number.POSITIVE_INFINITY) {
      this.outages += 1;
      this.parts.logger.warn('The task store is away; tasks wait for it', { error });
    }
    if (!isOutage) this.parts.logger.error("The worker's heartbeat failed", { error });
    if (!isOutage) return;
    // A process that cannot reach the database is not fit for work, but it is alive.
    this.liveness.turned();
    this.healthySince = Number.POSITIVE_INFINITY;
  }

  private async beat(): Promise<void> {
    const { store, worker, leaseMs, name } = this.parts;
    const held = worker.held();
    for (const id of await store.findLost(held)) worker.abandon(id);
    if (leaseMs !== null) {
      const ids = held.map((one) => one.id);
      await this.every('renew', leaseMs / 3, () => store.renew(name, ids, leaseMs));
      if (this.mayTakeOver()) await this.every('take back', 1_000, () => this.takeBack());
    }
  }

  /** What may take its time, or hang with the image store: claims are renewed meanwhile. */
  private async doChores(): Promise<void> {
    const { signal } = this.stopping;
    const { tidier } = this.parts;
    while (!signal.aborted) {
      await this.chore('sweep', SWEEP_MS[this.kind], () => this.sweep());
      await this.chore('tidy', TIDY_MS, () => tidier.tidyForgotten());
      await this.chore('retention', RETENTION_MS, async () => {
        await tidier.deleteExpired(signal);
      });
      await sleep(BEAT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async chore(what: string, intervalMs: number, run: () => Promise<void>): Promise<void> {
    try {
      await this.every(what, intervalMs, run);
    } catch (error) {
      this.due.set(what, performance.now() + Math.max(CHORE_RETRY_MS, intervalMs / 10));
      // The heartbeat tells of an outage.
      if (error instanceof StoreUnavailable) return;
      this.parts.logger.error('Upkeep failed and is tried again', { chore: what, error });
    }
  }

  private async every(what: string, intervalMs: number, run: () => Promise<void>): Promise<void> {
    const now = performance.now();
    if (now < (this.due.get(what) ?? 0)) return;
    await run();
    // Processes that were started together do not stay in step.
    this.due.set(what, now + intervalMs * (0.9 + 0.2 * Math.random()));
  }

  private async takeBack(): Promise<void> {
    const at = new Date(this.parts.clock.now());
    for (const id of await this.parts.store.takeBack(at)) {
      this.parts.logger.warn('A task is taken over from a worker that is gone', { taskId: id });
      this.parts.queue.wake(id, at);
    }
  }

  /** At the start everything that waits, later what an operator's command or a lost job left waiting. */
  private async sweep(): Promise<void> {
    const { store, queue, leaseMs } = this.parts;
    for (const { id, dueAt } of await store.ready(SWEEP_LIMIT[this.kind])) {
      if (this.stopping.signal.aborted) return;
      if (leaseMs !== null) await store.enlist(id, dueAt);
      queue.wake(id, dueAt);
    }
  }
}
