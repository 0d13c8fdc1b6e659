import { setTimeout as sleep } from 'node:timers/promises';

import PQueue from 'p-queue';

import { type TaskQueue, type TaskRun } from './task-queue.port.js';

/** The queue of a single process; delayed attempts wait on timers that do not keep it alive. */
export class InProcessTaskQueue implements TaskQueue {
  private readonly queue: PQueue;
  private readonly timers = new Set<NodeJS.Timeout>();
  private run: TaskRun | undefined;

  constructor(concurrency: number) {
    this.queue = new PQueue({ concurrency, autoStart: false });
  }

  start(run: TaskRun): void {
    this.run = run;
    this.queue.start();
  }

  async add(taskId: string, delayMs = 0): Promise<void> {
    if (delayMs <= 0) {
      this.push(taskId);
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.push(taskId);
    }, delayMs);
    timer.unref();
    this.timers.add(timer);
  }

  async drain(timeoutMs: number): Promise<void> {
    this.queue.pause();
    this.queue.clear();
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    const waiting = new AbortController();
    await Promise.race([
      this.queue.onPendingZero(),
      sleep(timeoutMs, undefined, { signal: waiting.signal }).catch(() => undefined),
    ]);
    waiting.abort();
  }

  private push(taskId: string): void {
    void this.queue.add(() => this.run?.(taskId));
  }
}
