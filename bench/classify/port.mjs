import { availableParallelism } from 'node:os';

import { startLoopChild } from './children.mjs';

/** Enough that a photo is always decoded while others are in the model. */
const IN_FLIGHT_PER_CORE = 3;

/** @returns {Promise<import('./contender.mjs').Contender>} */
export const startPort = async (photos) => {
  const inFlight = availableParallelism() * IN_FLIGHT_PER_CORE;
  const { ask, pid, stop } = await startLoopChild('port-child.mjs', { photos });
  return {
    name: 'our port',
    note: '`OnnxDeskClassifier.classify` on bytes in memory, cache off',
    inFlight,
    pids: [pid],
    measure: (slice) => ask('measure', { ...slice, inFlight }),
    check: (kind) => ask('check', kind),
    stop,
  };
};
