import { percentile } from '../classify/stats.mjs';

const DETAILS_WITHIN_S = 5;
const GPU_WITHIN_S = 10;
const PROBE_P99_MS = 50;

const msOf = (value) => `${value.toFixed(1)} ms`;
const timesOf = (answers) => answers.map(({ ms }) => ms);
const quantiles = (answers) =>
  [0.5, 0.99].map((share) => msOf(percentile(timesOf(answers), share))).join(' / ');
const countOf = (answers, isIt) => `${answers.filter(isIt).length} of ${answers.length}`;
/** [from, to) by the time of sending: what was under way at the change belongs to neither side. */
const sentWithin = (answers, from, to) =>
  answers.filter(({ sentAt, ms }) => sentAt >= from && sentAt + ms < to);

/** When a probe first said so after `since`, in seconds; Infinity: never until `until`. */
const secondsUntil = (probes, { since, until = Number.POSITIVE_INFINITY }, isIt) => {
  const first = probes.find((probe) => probe.at >= since && probe.at < until && isIt(probe));
  return first === undefined ? Number.POSITIVE_INFINITY : (first.at - since) / 1_000;
};

const within = (name, seconds, limit) => [
  `${name} (within ${limit} s)`,
  Number.isFinite(seconds) ? `${seconds.toFixed(1)} s` : 'never',
  seconds <= limit,
];

const isOk = ({ status }) => status === 200;
const partIs = (part, status) => (probe) => probe.parts[part] === status;

const readHealth = ({ body, ...probe }) => {
  let report = {};
  try {
    report = JSON.parse(body);
  } catch {
    // Counted by its status.
  }
  const parts = Object.entries(report.details ?? {}).map(([name, { status }]) => [name, status]);
  return { ...probe, overall: report.status, parts: Object.fromEntries(parts) };
};

/** How the details of one part follow its outage, and whether they say anything in between. */
const outageRows = (name, part, health, { stopped, starting, started }, end) => {
  const isDegraded = (probe) => partIs(part, 'degraded')(probe) && probe.overall === 'degraded';
  const seconds = secondsUntil(health, { since: stopped, until: starting }, isDegraded);
  const known = health.filter(({ at }) => at >= stopped + seconds * 1_000 && at < starting);
  const backAfter = secondsUntil(health, { since: started, until: end }, partIs(part, 'up'));
  const back = health.filter(({ at }) => at >= started + backAfter * 1_000 && at < end);
  return [
    within(`${name} stopped: details say degraded`, seconds, DETAILS_WITHIN_S),
    [`  and keep saying so`, countOf(known, isDegraded), known.every(isDegraded)],
    within(`${name} started: details say up`, backAfter, DETAILS_WITHIN_S),
    [
      `  and keep saying so`,
      countOf(back, partIs(part, 'up')),
      back.length > 0 && back.every(partIs(part, 'up')),
    ],
  ];
};

const probeRows = (health, live, { minuteEnded }) => {
  const minute = health.filter(({ at }) => at < minuteEnded);
  return [
    [
      '/health: 200 through both outages',
      countOf(minute, isOk),
      minute.length > 0 && minute.every(isOk),
    ],
    ['/health/live: 200 throughout', countOf(live, isOk), live.length > 0 && live.every(isOk)],
    ...[
      ['/health', health],
      ['/health/live', live],
    ].flatMap(([name, probes]) => [
      [`${name}: p50 / p99 (p99 below ${PROBE_P99_MS} ms)`, quantiles(probes), isQuick(probes)],
      [`${name}: slowest`, msOf(Math.max(...timesOf(probes)))],
    ]),
  ];
};

const isQuick = (probes) => percentile(timesOf(probes), 0.99) < PROBE_P99_MS;

const classifyRows = (classifies, { databaseOutage, s3Outage }) =>
  [
    ['all the time', classifies],
    ['before', sentWithin(classifies, 0, databaseOutage.stopped)],
    ['PostgreSQL away', sentWithin(classifies, databaseOutage.stopped, databaseOutage.starting)],
    ['S3 away', sentWithin(classifies, s3Outage.stopped, s3Outage.starting)],
  ].flatMap(([when, answers]) => [
    [`classify, ${when}: 200`, countOf(answers, isOk), answers.length > 0 && answers.every(isOk)],
    ['  p50 / p99', quantiles(answers)],
  ]);

const generateRows = ({ generates, tasks, databaseOutage, s3Outage }) => {
  const refused = sentWithin(generates, databaseOutage.away, databaseOutage.starting);
  const isRefusal = ({ status, retryAfter }) => status === 503 && Number(retryAfter) > 0;
  const backAfter = generates.find(
    ({ sentAt, status }) => sentAt >= databaseOutage.started && status === 202,
  );
  const waits = new Set(refused.map(({ retryAfter }) => retryAfter));
  const whileS3Away = (one) => sentWithin([one], s3Outage.away, s3Outage.starting).length > 0;
  const caught = tasks.filter(whileS3Away);
  const sentWhileS3Away = generates.filter(whileS3Away);
  const succeeded = ({ outcome }) => outcome === 'succeeded';
  return [
    [
      'generate, PostgreSQL away: 503 with Retry-After',
      countOf(refused, isRefusal),
      refused.length > 0 && refused.every(isRefusal),
    ],
    ['  Retry-After', `${[...waits].join(', ')} s`],
    ['  p50 / p99', quantiles(refused)],
    [
      'generate, PostgreSQL back: 202 by the next one',
      backAfter ? 'yes' : 'no',
      backAfter === generates.find(({ sentAt }) => sentAt >= databaseOutage.started),
    ],
    [
      'generate, S3 away: 202',
      countOf(sentWhileS3Away, ({ status }) => status === 202),
      sentWhileS3Away.length > 0 && caught.length === sentWhileS3Away.length,
    ],
    ['  of these succeeded later', countOf(caught, succeeded), caught.every(succeeded)],
    ['all accepted tasks: succeeded', countOf(tasks, succeeded), tasks.every(succeeded)],
  ];
};

const gpuRows = (health, { hung, healed }) => [
  within(
    'nvidia-smi hangs: /health says 503',
    secondsUntil(health, { since: hung, until: healed }, ({ status }) => status === 503),
    GPU_WITHIN_S,
  ),
  within(
    'nvidia-smi answers: /health says 200',
    secondsUntil(health, { since: healed }, isOk),
    GPU_WITHIN_S,
  ),
];

/** Rows of what was measured; the third column says whether it is as it should be. */
export const judge = (record) => {
  const { databaseOutage, s3Outage, gpuOutage, minuteEnded } = record;
  const isLive = ({ url }) => url.endsWith('/live');
  const live = record.probes.filter(isLive);
  const health = record.probes
    .filter((probe) => !isLive(probe))
    .map(readHealth)
    .toSorted((a, b) => a.at - b.at);
  return [
    ...probeRows(health, live, record),
    ...outageRows('PostgreSQL', 'task_store', health, databaseOutage, s3Outage.stopped),
    ...outageRows('S3', 'image_store', health, s3Outage, minuteEnded),
    ...classifyRows(record.classifies, record),
    ...generateRows(record),
    ...gpuRows(health, gpuOutage),
  ];
};
