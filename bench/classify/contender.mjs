/**
 * @typedef {object} Contender Something that says whether a photo is a desk.
 * @property {string} name
 * @property {string} note what it is, for the legend
 * @property {number} inFlight photos under way at any time
 * @property {number[]} pids leaders of its process groups
 * @property {(slice: import('./closed-loop.mjs').Slice & { kind: string }) => Promise<import('./closed-loop.mjs').Sample>} measure
 * @property {(kind: string) => Promise<number>} check desk probability of the kind's first photo
 * @property {() => Promise<unknown>} stop
 *
 * @typedef {object} Measured
 * @property {Contender} contender
 * @property {number} perSecond
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number} cpuMs CPU time per photo
 * @property {number} refused requests answered with 503
 * @property {number} confidence
 */
import { cpuMsOf } from './children.mjs';
import { percentile } from './stats.mjs';

const WARM_UP_MS = 2_000;
/** V8 optimises what has run some hundred times: a service that has just started is not what is asked for. */
const JIT_WARM_UP_MS = 6_000;
const MIN_LEAD_MS = 300;
const MAX_LEAD_MS = 5_000;
/** Contenders take turns, so that whatever else the machine does hits all of them alike. */
const ROUNDS = 3;

const total = () => ({ times: [], windowMs: 0, finished: 0, refused: 0, cpuMs: 0 });

const addSlice = async (sum, contender, slice) => {
  const cpuBefore = cpuMsOf(contender.pids);
  const sample = await contender.measure(slice);
  sum.cpuMs += cpuMsOf(contender.pids) - cpuBefore;
  sum.windowMs += sample.windowMs;
  sum.finished += sample.finished;
  sum.refused += sample.refused;
  for (const time of sample.times) sum.times.push(time);
};

/** Lets every contender serve this kind of photo until its code is optimised; the smaller, the sooner. */
export const warmUp = async (contenders, kind) => {
  for (const contender of contenders) {
    await contender.measure({ kind, leadMs: 0, windowMs: JIT_WARM_UP_MS });
  }
};

/**
 * Measures all contenders with one kind of photo, in rounds.
 *
 * @param {Contender[]} contenders
 * @param {string} kind
 * @param {number} seconds for each contender
 * @returns {Promise<Measured[]>}
 */
export const measureAll = async (contenders, kind, seconds) => {
  const entries = [];
  for (const contender of contenders) {
    const confidence = await contender.check(kind);
    const { times } = await contender.measure({ kind, leadMs: 0, windowMs: WARM_UP_MS });
    // Slow ones start in step; once each client has had a photo or two they are spread.
    const slowestMs = percentile(times, 1) || MAX_LEAD_MS;
    const leadMs = Math.min(MAX_LEAD_MS, Math.max(MIN_LEAD_MS, slowestMs));
    entries.push({ contender, confidence, leadMs, sum: total() });
  }
  const windowMs = (seconds * 1_000) / ROUNDS;
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? entries : entries.toReversed();
    for (const { contender, leadMs, sum } of order) {
      await addSlice(sum, contender, { kind, leadMs, windowMs });
    }
  }
  return entries.map(({ contender, confidence, sum }) => ({
    contender,
    confidence,
    perSecond: sum.times.length / (sum.windowMs / 1_000),
    p50Ms: percentile(sum.times, 0.5),
    p99Ms: percentile(sum.times, 0.99),
    cpuMs: sum.cpuMs / sum.finished,
    refused: sum.refused,
  }));
};
