import { type Clock } from '../common/clock.js';
import { type AppLogger } from '../common/logging/app-logger.js';
import { type TaskHandlers } from './task-handler.js';
import { type TaskStore } from './task-store.port.js';
import { type Task } from './task.js';

export interface TaskTidierParts {
  readonly store: TaskStore;
  readonly handlers: TaskHandlers;
  readonly clock: Clock;
  readonly logger: AppLogger;
  readonly retentionMs: number;
}

/** After this time nothing of an ended task can still be running anywhere, in milliseconds. */
const QUIET_MS = 60_000;
const BATCH = 50;

/** Removes what tasks leave behind: working files when they have ended, everything after the retention time. */
export class TaskTidier {
  constructor(private readonly parts: TaskTidierParts) {}

  /** Working files are not worth a failed task: what stays behind is looked after later. */
  async tidy(task: Task): Promise<void> {
    const { handlers, store, clock, logger } = this.parts;
    try {
      await handlers.find(task.kind)?.cleanUp(task);
      // A step of a canceled task may store its file after this; a second look follows.
      const isQuiet =
        task.status !== 'canceled' || (task.finishedAt?.getTime() ?? 0) + QUIET_MS < clock.now();
      if (isQuiet) await store.markTidy(task.id);
    } catch (error) {
      logger.warn('Clean-up failed and is tried again later', { taskId: task.id, error });
    }
  }

  /** For tasks whose process died between their end and their clean-up. */
  async tidyForgotten(): Promise<void> {
    const before = new Date(this.parts.clock.now() - QUIET_MS);
    for (const task of await this.parts.store.findUntidy(before, BATCH)) await this.tidy(task);
  }

  /** Deletes tasks that ended long ago, with their images; says how many. */
  async deleteExpired(signal: AbortSignal): Promise<number> {
    const { store, handlers, clock, logger, retentionMs } = this.parts;
    const now = new Date(clock.now());
    const before = new Date(now.getTime() - retentionMs);
    let removed = 0;
    for (;;) {
      const expired = await store.findExpired(before, BATCH);
      for (const task of expired) {
        if (signal.aborted) return removed;
        await handlers.find(task.kind)?.deleteFiles(task);
        await store.delete(task.id);
        removed += 1;
      }
      if (expired.length < BATCH) break;
    }
    await store.deleteLeftovers(before, now);
    if (removed > 0) logger.info('retention', { removedTasks: removed, olderThan: before });
    return removed;
  }
}
