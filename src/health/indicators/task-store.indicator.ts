import { type TaskEngine } from '../../tasks/task-engine.js';
import { failed, type HealthCheck, ok } from '../health-check.js';

interface TaskStoreOptions {
  readonly isShared: boolean;
  readonly timeoutMs: number;
}

/** The embedded store belongs to this process; PostgreSQL belongs to all of them. */
export const taskStoreCheck = (
  { store }: Pick<TaskEngine, 'store'>,
  { isShared, timeoutMs }: TaskStoreOptions,
): HealthCheck => ({
  name: 'task_store',
  scope: isShared ? 'shared' : 'instance',
  // The thread of the embedded store stands in line behind real work; a database does not.
  whenLate: isShared ? 'failure' : 'busy',
  timeoutMs,
  async run() {
    const data = { kind: isShared ? 'postgresql' : 'embedded' };
    try {
      return ok({ ...data, queued: await store.countQueued() });
    } catch (error) {
      return failed('The task store does not answer.', data, error);
    }
  },
});
