import { EventEmitter } from 'node:events';

/** Tells listeners in this process that a task has news; what the news is, they read from the store. */
export class TaskFeed {
  private readonly emitter = new EventEmitter().setMaxListeners(0);

  publish(taskId: string): void {
    this.emitter.emit(taskId);
  }

  /** Resolves at the next news of the task, or when the signal aborts. Ask before reading the store. */
  next(taskId: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
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
}
