import { availableParallelism } from 'node:os';

import { startLoopChild } from './children.mjs';
import { sideBySide } from './closed-loop.mjs';

const LEAD_MS = 300;
const CALIBRATION_ROUNDS = 2;

const cores = availableParallelism();

/** Ways to keep every core busy with decode + session.run, one session and one intra-op thread each. */
const ARRANGEMENTS = [1, 2].flatMap((depth) => [
  { name: `${cores} processes`, children: cores, threads: 0, depth },
  { name: `${cores} worker threads`, children: 1, threads: cores, depth },
]);

const describe = ({ name, depth }) => `${name}, ${depth} photo${depth > 1 ? 's' : ''} each`;

/** @returns {Promise<import('./contender.mjs').Contender>} */
const start = async (arrangement, photos) => {
  const { children, threads, depth } = arrangement;
  // libuv's pool of 4 must not be what limits the decoding on a larger machine.
  const env = { ...process.env, UV_THREADPOOL_SIZE: String(Math.max(4, cores * depth)) };
  const loops = await Promise.all(
    Array.from({ length: children }, () =>
      startLoopChild('raw-child.mjs', { photos, threads }, env),
    ),
  );
  return {
    name: 'raw limit',
    note: `decode + session.run in a bare loop (${describe(arrangement)})`,
    inFlight: cores * depth,
    pids: loops.map(({ pid }) => pid),
    measure: async (slice) =>
      sideBySide(
        await Promise.all(loops.map(({ ask }) => ask('measure', { ...slice, inFlight: depth }))),
      ),
    check: (kind) => loops[0].ask('check', kind),
    stop: () => Promise.all(loops.map(({ stop }) => stop())),
  };
};

/**
 * Tries every arrangement and keeps the fastest one. A lucky one wins on a noisy machine, which is
 * to our disadvantage; it is measured again beside the others.
 */
export const startRawLimit = async (photos, seconds, say) => {
  const started = [];
  for (const arrangement of ARRANGEMENTS) {
    started.push({ arrangement, contender: await start(arrangement, photos), speed: 0 });
  }
  const kinds = Object.keys(photos);
  const windowMs = Math.max(300, (seconds * 1_000) / CALIBRATION_ROUNDS / kinds.length);
  for (const kind of kinds) {
    for (let round = 0; round < CALIBRATION_ROUNDS; round += 1) {
      for (const one of started) {
        const { times } = await one.contender.measure({ kind, leadMs: LEAD_MS, windowMs });
        one.speed += times.length / (windowMs / 1_000) / (CALIBRATION_ROUNDS * kinds.length);
      }
    }
  }
  const [fastest, ...others] = started.toSorted((a, b) => b.speed - a.speed);
  await Promise.all(others.map(({ contender }) => contender.stop()));
  const tried = [fastest, ...others].map(
    ({ arrangement, speed }) => `${describe(arrangement)}: ${speed.toFixed(1)}/s`,
  );
  say(`raw limit, mean over the photos: ${tried.join('; ')}`);
  return fastest.contender;
};
