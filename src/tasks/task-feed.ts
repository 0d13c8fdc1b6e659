import { EventEmitter } from 'node:events';

import { type TaskStore } from './task-store.port.js';

/** News of other processes reach a listener after this time at most, in milliseconds. */
const POLL_MS = 300;
/** Ids in one question to the database. */
const CHUNK = 500;

/**
 * Tells listeners that a task has news; what the news is, they read from the store. News of this
 * process come at once, those of others by one poll for all listeners.
 */
export class TaskFeed {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private readonly seen = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly store: Pick<TaskStore, 'lastSeqs'>) {}

  publish(taskId: string): void {
    this.emitter.emit(taskId);
  }

  /**
   * Resolves at the next news of the task, or when the signal aborts. Ask before reading the store.
   */
  next(taskId: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    this.watch();
    return new Promise((resolve) => {
      const done = (): void => {
        this.emitter.off(taskId, done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.emitter.on(taskId, done);
      signal.addEventListener('abort', done);
    });
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private watch(): void {
    if (this.timer || this.isStopped) return;
    this.timer = setTimeout(() => void this.poll(), POLL_MS);
    this.timer.unref();
  }

  private async poll(): Promise<void> {
    const ids = this.emitter.eventNames().map(String);
    try {
      for (let from = 0; from < ids.length; from += CHUNK) {
        await this.compare(ids.slice(from, from + CHUNK));
      }
    } catch {
      // The store is away: its readers notice by themselves, and the next poll tries again.
    }
    const listened = new Set(this.emitter.eventNames().map(String));
    for (const id of this.seen.keys()) if (!listened.has(id)) this.seen.delete(id);
    this.timer = undefined;
    if (listened.size > 0) this.watch();
  }

  private async compare(ids: readonly string[]): Promise<void> {
    const current = await this.store.lastSeqs(ids);
    for (const id of ids) {
      const seq = current.get(id) ?? -1;
      // The first look counts as news: something may have come between the reader's look and ours.
      if (this.seen.get(id) === seq) continue;
      this.seen.set(id, seq);
      this.publish(id);
    }
  }
}
