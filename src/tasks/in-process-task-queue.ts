import { setTimeout as sleep } from 'node:timers/promises';

import PQueue from 'p-queue';

import { createdAtMsOf } from './task-age.js';
import { type TaskQueue, type TaskRun } from './task-queue.port.js';

/** Longest delay of a timer; a later task is looked at again in between, in milliseconds. */
const MAX_TIMER_MS = 3_600_000;

/**
 * The queue of a single process, oldest task first. It forgets everything with the process: due
 * times are in the task store, from which it is filled again at the start.
 */
export class InProcessTaskQueue implements TaskQueue {
  private readonly queue: PQueue;
  private readonly timers = new Map<
    string,
    { readonly dueAt: number; readonly timer: NodeJS.Timeout }
  >();
  private readonly waiting = new Set<string>();
  private run: TaskRun | undefined;
  private isDraining = false;

  constructor(concurrency: number) {
    this.queue = new PQueue({ concurrency, autoStart: false });
  }

  async open(): Promise<void> {
    // Nothing to connect to.
  }

  async enlist(): Promise<void> {
    // The task's row says it all.
  }

  async recall(): Promise<void> {
    // There is no other process that would have to hear of it.
  }

  wake(taskId: string, dueAt: Date): void {
    if (this.isDraining || !this.run || this.waiting.has(taskId)) return;
    const known = this.timers.get(taskId);
    if (known && known.dueAt <= dueAt.getTime()) return;
    clearTimeout(known?.timer);
    this.timers.delete(taskId);
    const delayMs = dueAt.getTime() - Date.now();
    if (delayMs > 0) this.schedule(taskId, dueAt, Math.min(delayMs, MAX_TIMER_MS));
    else this.push(taskId);
  }

  start(run: TaskRun): void {
    this.run = run;
    this.queue.start();
  }

  async drain(timeoutMs: number): Promise<void> {
    this.isDraining = true;
    this.queue.pause();
    this.queue.clear();
    this.waiting.clear();
    for (const { timer } of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    const waiting = new AbortController();
    await Promise.race([
      this.queue.onPendingZero(),
      sleep(timeoutMs, undefined, { signal: waiting.signal }).catch(() => undefined),
    ]);
    waiting.abort();
  }

  async close(): Promise<void> {
    // Nothing to disconnect from.
  }

  isAlive(): boolean {
    return true;
  }

  private schedule(taskId: string, dueAt: Date, delayMs: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(taskId);
      this.wake(taskId, dueAt);
    }, delayMs);
    timer.unref();
    this.timers.set(taskId, { dueAt: dueAt.getTime(), timer });
  }

  private push(taskId: string): void {
    this.waiting.add(taskId);
    const work = async (): Promise<void> => {
      this.waiting.delete(taskId);
      await this.run?.(taskId);
    };
    // Oldest first, whenever it became due: a task that is tried again does not queue up behind.
    void this.queue.add(work, { priority: -createdAtMsOf(taskId) });
  }
}
