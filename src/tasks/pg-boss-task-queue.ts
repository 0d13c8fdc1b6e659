import { setTimeout as sleep } from 'node:timers/promises';

import { type JobWithMetadata, PgBoss } from 'pg-boss';

import { createdAtMsOf } from './task-age.js';
import { type SqlRunner, type TaskQueue, type TaskRun } from './task-queue.port.js';

export interface PgBossOptions {
  readonly url: string;
  readonly concurrency: number;
  /** False in a process that only puts tasks in: it neither supervises nor fetches. */
  readonly isWorker: boolean;
  readonly onError: (error: unknown) => void;
}

interface TaskJob {
  readonly taskId: string;
}

const QUEUE = 'desk-ai-tasks';
/**
 * How often a process with free hands looks for work that another process put in, in milliseconds:
 * as a safety net while it is told of it, and when nobody tells (no LISTEN behind PgBouncer).
 */
const POLL_MS = { told: 1_000, untold: 200 };
/** Says to all workers `new`, or `recall <task id>`. */
const CHANNEL = 'desk_ai_tasks';
const NEW = 'new';
const RECALL = 'recall ';
const MAX_OUTAGE_PAUSE_MS = 2_000;
const TOUCH_MS = 3_000;
/** Without a turn of the loop for this long the queue counts as dead, in milliseconds. */
const STALE_MS = 15_000;
/** Larger is sooner in pg-boss; the oldest task has the largest. Fits 32 bits until 2106. */
const PRIORITY_BASE_S = 2_147_000_000;
const HEARTBEAT_S = 10;

const MINUTE_S = 60;
const DAY_S = 86_400;

/**
 * The queue of several processes. A job carries a task id and nothing else; whether there is
 * anything to do says the task's row. It has a loop of its own because pg-boss's workers sleep
 * after every job until they poll again.
 */
export class PgBossTaskQueue implements TaskQueue {
  private readonly boss: PgBoss;
  private readonly running = new Map<string, JobWithMetadata<TaskJob>>();
  private readonly draining = new AbortController();
  private nudge: () => void = () => undefined;
  private run: TaskRun | undefined;
  private onRecalled: (taskId: string) => void = () => undefined;
  private listening: { close(): Promise<void> } | undefined;
  private loop: Promise<void> | undefined;
  private touching: NodeJS.Timeout | undefined;
  private lastTurnAt = performance.now();
  private isOpen = false;

  constructor(private readonly options: PgBossOptions) {
    this.boss = new PgBoss({
      connectionString: options.url,
      application_name: 'desk-ai-queue',
      max: 3,
      schedule: false,
      supervise: options.isWorker,
      superviseIntervalSeconds: 2,
      monitorIntervalSeconds: 2,
      connectionTimeoutMillis: 5_000,
    });
    // An 'error' without a listener ends the process.
    this.boss.on('error', (error) => options.onError(error));
  }

  async open(): Promise<void> {
    await this.boss.start();
    this.isOpen = true;
    await this.boss.createQueue(QUEUE, {
      // One waiting job for each task: putting it in twice is no harm.
      policy: 'short',
      heartbeatSeconds: HEARTBEAT_S,
      retryLimit: 1_000,
      retryDelay: 0,
      expireInSeconds: DAY_S - MINUTE_S,
      deleteAfterSeconds: 60 * MINUTE_S,
    });
  }

  async enlist(run: SqlRunner, taskId: string, dueAt: Date): Promise<void> {
    const job: TaskJob = { taskId };
    const ageS = Math.floor(createdAtMsOf(taskId) / 1_000);
    const db = { executeSql: (sql: string, values?: unknown[]) => run(sql, values ?? []) };
    const sent = await this.boss.send(QUEUE, job, {
      db,
      singletonKey: taskId,
      priority: PRIORITY_BASE_S - ageS,
      ...(dueAt.getTime() > Date.now() && { startAfter: dueAt }),
    });
    // It waits already, perhaps for another time.
    if (sent === null) {
      await this.boss.update(QUEUE, undefined, { db, singletonKey: taskId, startAfter: dueAt });
    }
    if (dueAt.getTime() <= Date.now()) await tell(run, NEW);
  }

  async recall(run: SqlRunner, taskId: string): Promise<void> {
    await tell(run, RECALL + taskId);
  }

  wake(_taskId: string, dueAt: Date): void {
    if (dueAt.getTime() <= Date.now()) this.nudge();
  }

  start(run: TaskRun, onRecalled: (taskId: string) => void): void {
    this.run = run;
    this.onRecalled = onRecalled;
    this.loop = this.turn();
    void this.listen();
    this.touching = setInterval(() => void this.touch(), TOUCH_MS);
    this.touching.unref();
  }

  async drain(timeoutMs: number): Promise<void> {
    this.draining.abort();
    this.nudge();
    await this.loop;
    const until = Date.now() + timeoutMs;
    while (this.running.size > 0 && Date.now() < until) await sleep(20);
  }

  async close(): Promise<void> {
    // What was handed back at the end of the drain is completed too.
    const until = Date.now() + 1_000;
    while (this.running.size > 0 && Date.now() < until) await sleep(20);
    clearInterval(this.touching);
    await this.listening?.close();
    if (this.isOpen) await this.boss.stop({ graceful: false, close: true });
    this.isOpen = false;
  }

  isAlive(): boolean {
    return !this.run || performance.now() - this.lastTurnAt < STALE_MS;
  }

  private async turn(): Promise<void> {
    let pauseMs = this.pollMs;
    while (!this.draining.signal.aborted) {
      this.lastTurnAt = performance.now();
      const pause = this.pause(pauseMs);
      try {
        await this.fetch();
        pauseMs = this.pollMs;
      } catch (error) {
        this.options.onError(error);
        pauseMs = Math.min(MAX_OUTAGE_PAUSE_MS, pauseMs * 2);
      }
      await pause();
    }
  }

  private get pollMs(): number {
    return this.listening ? POLL_MS.told : POLL_MS.untold;
  }

  /** pg-boss connects again by itself; what was said meanwhile is found by looking. */
  private async listen(): Promise<void> {
    try {
      this.listening = await this.boss.getDb().listen?.(
        CHANNEL,
        (news) => this.hear(news),
        () => this.nudge(),
      );
      if (this.draining.signal.aborted) await this.listening?.close();
    } catch (error) {
      this.options.onError(error);
    }
  }

  private hear(news: string): void {
    if (news.startsWith(RECALL)) this.onRecalled(news.slice(RECALL.length));
    else this.nudge();
  }

  /** Counts nudges from now on, so that one that comes during the fetch is not missed. */
  private pause(ms: number): () => Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.nudge = resolve;
    return async () => {
      const timer = new AbortController();
      const slept = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([promise, slept]);
      timer.abort();
    };
  }

  private async fetch(): Promise<void> {
    const free = this.options.concurrency - this.running.size;
    if (free <= 0) return;
    const jobs = await this.boss.fetch<TaskJob>(QUEUE, { batchSize: free, includeMetadata: true });
    for (const job of jobs) this.launch(job);
  }

  private launch(job: JobWithMetadata<TaskJob>): void {
    this.running.set(job.id, job);
    void this.carryOut(job).finally(() => {
      this.running.delete(job.id);
      this.nudge();
    });
  }

  private async carryOut(job: JobWithMetadata<TaskJob>): Promise<void> {
    await this.run?.(job.data.taskId);
    try {
      await this.boss.complete(QUEUE, { id: job.id, retryCount: job.retryCount });
    } catch (error) {
      // It comes back after its heartbeat and finds nothing to do.
      this.options.onError(error);
    }
  }

  private async touch(): Promise<void> {
    if (this.running.size === 0) return;
    const attempts = [...this.running.values()].map(({ id, retryCount }) => ({ id, retryCount }));
    await this.boss.touch(QUEUE, attempts).catch((error: unknown) => this.options.onError(error));
  }
}

/** Arrives when the transaction is committed, and never if it is not. */
const tell = async (run: SqlRunner, news: string): Promise<void> => {
  await run('select pg_notify($1, $2)', [CHANNEL, news]);
};
