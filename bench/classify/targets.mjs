const MIN_RATIO = 0.85;
const MAX_HEALTH_P99_MS = 30;
const MAX_MODEL_MB = 20;
const MAX_RSS_MB = 350;
/** The photo sizes that issue 3 sets a target for. */
const JUDGED_KINDS = ['phone', 'jpeg'];

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {string} wanted
 * @property {string} value
 * @property {boolean} isReached
 */

export const ratioOf = (measured, { perSecond }) => perSecond / measured[0].perSecond;

const toPercent = (share) => `${(100 * share).toFixed(1)} %`;

/** @returns {Target[]} */
export const judge = ({ results, photos, endpoint, health, modelMb, memory }) => [
  ...JUDGED_KINDS.map((kind) => {
    const measured = results[kind];
    const ratio = ratioOf(
      measured,
      measured.find(({ contender }) => contender === endpoint),
    );
    return {
      name: `HTTP endpoint against the raw limit, ${photos[kind].title}`,
      wanted: `at least ${toPercent(MIN_RATIO)}`,
      value: toPercent(ratio),
      isReached: ratio >= MIN_RATIO,
    };
  }),
  {
    name: 'GET /health under saturation, p99',
    wanted: `at most ${MAX_HEALTH_P99_MS} ms`,
    value: `${health.p99Ms.toFixed(1)} ms${health.failures > 0 ? `, ${health.failures} failed` : ''}`,
    isReached: health.p99Ms <= MAX_HEALTH_P99_MS && health.failures === 0,
  },
  {
    name: 'Model file',
    wanted: `at most ${MAX_MODEL_MB} MB`,
    value: `${modelMb.toFixed(1)} MB`,
    isReached: modelMb <= MAX_MODEL_MB,
  },
  {
    name: 'Memory of the service with two workers (RSS), highest',
    wanted: `at most ${MAX_RSS_MB} MB`,
    value: `${memory.highestMb.toFixed(0)} MB`,
    isReached: memory.highestMb <= MAX_RSS_MB,
  },
];
