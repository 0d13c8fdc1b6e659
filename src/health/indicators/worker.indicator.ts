import { StoreUnavailable } from '../../tasks/store/store-unavailable.js';
import { type TaskEngine } from '../../tasks/task-engine.js';
import { failed, type Finding, type HealthCheck, ok } from '../health-check.js';

interface WorkerOptions {
  readonly isSharedStore: boolean;
  readonly timeoutMs: number;
}

/**
 * A heartbeat that hung together with the database beats again only when its statement has been
 * given up (15 s) and a connection has been made; milliseconds.
 */
const RECOVERY_MS = 25_000;
const GONE = Symbol('gone');

/** Do the loops that take up tasks and send callbacks still turn? Trouble of the store is not the worker's. */
export const workerCheck = (
  tasks: Pick<TaskEngine, 'check'>,
  { isSharedStore, timeoutMs }: WorkerOptions,
): HealthCheck => {
  let storeTroubleAt = Number.NEGATIVE_INFINITY;

  const waiting = (): Finding => {
    storeTroubleAt = performance.now();
    return ok({ note: 'The worker waits for the task store.' });
  };

  const judge = (error: unknown): Finding => {
    if (error === GONE || error instanceof StoreUnavailable) return waiting();
    if (performance.now() - storeTroubleAt < RECOVERY_MS) {
      return ok({ note: 'The worker recovers from an outage of the task store.' });
    }
    return failed('The worker has stopped looking for tasks or callbacks.', undefined, error);
  };

  return {
    name: 'worker',
    scope: 'instance',
    whenLate: 'busy',
    timeoutMs,
    async run(signal) {
      try {
        // With a shared store nobody may be taken out because a query hangs; with the embedded one
        // silence grows stale, as it should.
        await Promise.race(isSharedStore ? [tasks.check(), abortOf(signal)] : [tasks.check()]);
        return ok();
      } catch (error) {
        return judge(error);
      }
    },
  };
};

const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(GONE), { once: true });
  });
