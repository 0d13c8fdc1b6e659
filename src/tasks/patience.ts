import { setTimeout as sleep } from 'node:timers/promises';

import { StoreUnavailable } from './store/store-unavailable.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

const isStoreAway = (error: unknown): boolean => error instanceof StoreUnavailable;

/**
 * Does what a store refused until it can: one that is away fails no task, and what a paid step found
 * stays in memory until it is written.
 *
 * @param isAway whether a failure is worth the wait; of the database when left out
 * @throws the last such failure when `signal` ends the wait
 */
export const patiently = async <T>(
  run: () => Promise<T>,
  signal: AbortSignal,
  isAway: (error: unknown) => boolean = isStoreAway,
): Promise<T> => {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isAway(error) || signal.aborted) throw error;
      await sleep(pauseMs, undefined, { signal }).catch(() => {
        throw error;
      });
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  }
};
