import { post, startCaller } from './caller.mjs';
import { TROUBLES } from './troubles.mjs';

const CLASSIFY_EVERY_MS = 500;
const GENERATE_EVERY_MS = 2_000;
/** Parts of the minute: quiet, database away, back, images away, back. */
const PARTS = { quiet: 0.1, databaseAway: 0.25, databaseBack: 0.15, s3Away: 0.25, s3Back: 0.25 };
const GPU_HANGS_MS = 12_000;
const GPU_BACK_MS = 6_000;
const TASKS_END_MS = 120_000;
const WARM_UP = 5;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** `stopped` is before the stop and `started` after the start: the longest that either can count. */
const takeAway = async (trouble, awayMs) => {
  const stopped = Date.now();
  await trouble.begin();
  const away = Date.now();
  await pause(awayMs);
  const starting = Date.now();
  await trouble.end();
  return { stopped, away, starting, started: Date.now() };
};

const hangGpu = async (gpu) => {
  const hung = Date.now();
  await gpu.play('hangs');
  await pause(GPU_HANGS_MS);
  const healed = Date.now();
  await gpu.play('healthy-l4');
  await pause(GPU_BACK_MS);
  return { hung, healed };
};

const ENDED = new Set(['succeeded', 'rejected', 'failed', 'canceled']);

/** How each task ended, by its id; those that did not end are left out. */
const waitForTasks = async (url, ids) => {
  const until = Date.now() + TASKS_END_MS;
  const outcomes = new Map();
  for (const id of ids) {
    while (!outcomes.has(id) && Date.now() < until) {
      const response = await fetch(`${url}/tasks/${id}`);
      const { status } = await response.json();
      if (ENDED.has(status)) outcomes.set(id, status);
      else await pause(200);
    }
  }
  return outcomes;
};

/**
 * Everything that happened, with times in milliseconds since the Unix epoch.
 *
 * @param {{ seconds: number, how: keyof typeof TROUBLES }} options
 */
export const play = async (world, { seconds, how }) => {
  const { url, photoUrl, database, s3, gpu, prober } = world;
  const classify = () => post(`${url}/classify`, { initial_image_url: photoUrl });
  const generate = () => post(`${url}/generated/v1/generate`, { image_url: photoUrl });
  const partMs = (name) => PARTS[name] * seconds * 1_000;
  for (let i = 0; i < WARM_UP; i += 1) await classify();

  await prober.ask('begin', { urls: [`${url}/health`, `${url}/health/live`], keepBodies: true });
  const endClassify = startCaller(classify, CLASSIFY_EVERY_MS);
  const endGenerate = startCaller(generate, GENERATE_EVERY_MS);
  await pause(partMs('quiet'));
  const databaseOutage = await takeAway(TROUBLES[how](database), partMs('databaseAway'));
  await pause(partMs('databaseBack'));
  const s3Outage = await takeAway(TROUBLES[how](s3), partMs('s3Away'));
  await pause(partMs('s3Back'));
  const minuteEnded = Date.now();
  const generates = await endGenerate();
  const gpuOutage = await hangGpu(gpu);
  const classifies = await endClassify();
  const probes = await prober.ask('finish');
  const accepted = generates.filter(({ status }) => status === 202);
  const outcomes = await waitForTasks(
    url,
    accepted.map(({ body }) => body.task_id),
  );
  const tasks = accepted.map((one) => ({ ...one, outcome: outcomes.get(one.body.task_id) }));
  return { probes, classifies, generates, tasks, databaseOutage, s3Outage, gpuOutage, minuteEnded };
};
