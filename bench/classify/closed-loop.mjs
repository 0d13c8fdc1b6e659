/** A client that is told to come back does so after this time, so that the server never runs dry. */
const COME_BACK_MS = 10;
/** What `work` gives when the server had no room. */
export const NO_ROOM = Symbol('no room');
/** The load goes on for this long after the window, so that its end is as busy as its middle. */
const TAIL_MS = 150;

/**
 * @typedef {object} Slice
 * @property {number} leadMs load before the window, not counted
 * @property {number} windowMs
 *
 * @typedef {object} Sample
 * @property {number[]} times ms of each photo that was finished inside the window
 * @property {number} windowMs
 * @property {number} finished photos in all, lead and tail included (for CPU time per photo)
 * @property {number} refused requests that were told to come back
 */

/**
 * A fixed number of clients, each with one photo under way at any time. Only photos that end inside
 * the window count, and all clients are busy at both of its ends, so slow ones lose nothing there.
 *
 * @param {(turn: number) => Promise<unknown>} work
 * @param {Slice & { inFlight: number }} options
 * @returns {Promise<Sample>}
 */
export const closedLoop = async (work, { inFlight, leadMs, windowMs }) => {
  const from = performance.now() + leadMs;
  const until = from + windowMs;
  const times = [];
  let turn = 0;
  let finished = 0;
  let refused = 0;
  const client = async () => {
    while (performance.now() < until + TAIL_MS) {
      const startedAt = performance.now();
      if ((await work(turn++)) === NO_ROOM) {
        refused += 1;
        await new Promise((resolve) => setTimeout(resolve, COME_BACK_MS));
        continue;
      }
      const endedAt = performance.now();
      finished += 1;
      if (endedAt >= from && endedAt < until) times.push(endedAt - startedAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  return { times, windowMs, finished, refused };
};

/** Samples taken at the same time side by side. @param {Sample[]} samples @returns {Sample} */
export const sideBySide = (samples) => ({
  times: samples.flatMap(({ times }) => times),
  windowMs: samples[0].windowMs,
  finished: samples.reduce((sum, one) => sum + one.finished, 0),
  refused: samples.reduce((sum, one) => sum + one.refused, 0),
});
