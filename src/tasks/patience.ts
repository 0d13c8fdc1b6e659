import { setTimeout as sleep } from 'node:timers/promises';

import { StoreUnavailable } from './store/store-unavailable.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Does what the store refused until it can: a database that is away fails no task, and what a paid
 * step found stays in memory until it is written.
 *
 * @throws StoreUnavailable when `signal` ends the wait
 */
export const patiently = async <T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || signal.aborted) throw error;
      await sleep(pauseMs, undefined, { signal }).catch(() => {
        throw error;
      });
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  }
};
