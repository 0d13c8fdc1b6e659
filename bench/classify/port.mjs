import { availableParallelism } from 'node:os';

import { startLoopChild } from './children.mjs';

/** Enough that a photo is always decoded while others are in the model. */
const IN_FLIGHT_PER_CORE = 3;

const start = async (photos, modelDir, { name, note }) => {
  const inFlight = availableParallelism() * IN_FLIGHT_PER_CORE;
  const { ask, pid, stop } = await startLoopChild('port-child.mjs', { photos, modelDir });
  return {
    name,
    note,
    inFlight,
    pids: [pid],
    measure: (slice) => ask('measure', { ...slice, inFlight }),
    check: (kind) => ask('check', kind),
    stop,
  };
};

/** @returns {Promise<import('./contender.mjs').Contender>} */
export const startPort = (photos, modelDir) =>
  start(photos, modelDir, {
    name: 'our port',
    note: '`OnnxDeskClassifier.classify` on bytes in memory, cache off',
  });

/** What a photo costs that leaves doubt. @returns {Promise<import('./contender.mjs').Contender>} */
export const startDoubtfulPort = (photos, modelDir) =>
  start(photos, modelDir, {
    name: 'our port, in doubt',
    note: 'the same when every photo is looked at twice, which happens to those that leave doubt (model card)',
  });
