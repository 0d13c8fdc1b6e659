/**
 * Ten times more POST /classify than the service can take: `npm run bench:overload`.
 *
 *   BENCH_SECONDS=30   how long the overload lasts
 *   BENCH_FACTOR=10    how many times the capacity is offered
 *   BENCH_URL          a running service; without it dist/main.js is started here
 *
 * Requests are sent at a fixed rate whatever comes back (an open loop), so a service that queues
 * for ever is seen to do so. Photos and health probes have processes of their own. It prints what was
 * measured and judges it; exit code 1 when a rule of issue 4 is broken.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { startLoopChild } from './classify/children.mjs';
import { SOURCE_PHOTO } from './classify/paths.mjs';
import { startServiceProcess } from './classify/service-process.mjs';
import { percentile } from './classify/stats.mjs';
import { printRows } from './overload/print-rows.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 30);
const FACTOR = Number(process.env.BENCH_FACTOR ?? 10);
const MIB = 1_048_576;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

/** Status and time of one request; status 0 when the connection failed. */
const call = (url, method = 'GET', body = undefined) =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    const end = (status, retryAfter) =>
      resolve({ status, retryAfter, ms: performance.now() - startedAt });
    const headers = body ? { 'Content-Type': 'application/json' } : {};
    const sent = request(url, { method, agent, headers, timeout: 60_000 }, (response) => {
      response.resume();
      response.once('end', () => end(response.statusCode, response.headers['retry-after']));
    });
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => end(0));
    sent.end(body);
  });

const startService = async (photoHost) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-bench-'));
  const service = await startServiceProcess({
    ...process.env,
    NODE_ENV: 'development',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
    RATE_LIMITS: 'off',
    CLASSIFY_FOLLOW_UP: 'none',
    CLASSIFIER_CACHE_SIZE: '0',
    IMAGE_ALLOWED_PRIVATE_HOSTS: photoHost,
  });
  const stop = async () => {
    await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { ...service, stop };
};

/** Resident memory in MiB; undefined where there is no /proc or the service is not ours. */
const memoryOf = async (pid) => {
  if (pid === undefined) return undefined;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
  return kib === undefined ? undefined : (Number(kib) * 1_024) / MIB;
};

const timesOf = (answers) => answers.map(({ ms }) => ms);

/** One after another: how long a photo takes when nobody else asks. */
const measureUnloaded = async (classify, count) => {
  const answers = [];
  for (let i = 0; i < count; i += 1) answers.push(await classify());
  return answers;
};

/** Four at a time without a pause: how many photos a second the service can do. */
const measureCapacity = async (classify, seconds) => {
  const until = performance.now() + seconds * 1_000;
  let done = 0;
  const client = async () => {
    while (performance.now() < until) if ((await classify()).status === 200) done += 1;
  };
  await Promise.all(Array.from({ length: 4 }, client));
  return done / seconds;
};

/** Sends at a fixed rate for a while, with health probes from another process beside. */
const overload = async (url, classify, perSecond, seconds) => {
  const answers = [];
  const pending = new Set();
  const track = (promise, list) => {
    const kept = promise.then((answer) => list.push(answer)).finally(() => pending.delete(kept));
    pending.add(kept);
  };
  await prober.ask('begin', { urls: [`${url}/health`, `${url}/health/live`] });
  const startedAt = performance.now();
  let sent = 0;
  for (;;) {
    const elapsed = (performance.now() - startedAt) / 1_000;
    if (elapsed >= seconds) break;
    for (; sent < elapsed * perSecond; sent += 1) track(classify(), answers);
    await pause(5);
  }
  const probed = await prober.ask('finish');
  await Promise.all(pending);
  const probes = probed.filter((answer) => answer.url === `${url}/health`);
  const liveProbes = probed.filter((answer) => answer.url !== `${url}/health`);
  return { answers, probes, liveProbes };
};

const ms = (value) => `${value.toFixed(0)} ms`;
const share = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;

const photos = await startLoopChild('photo-server.mjs', {
  photos: { desk: { type: 'image/jpeg', files: [SOURCE_PHOTO] } },
});
const prober = await startLoopChild('../overload/prober.mjs', {});
const photoHost = `127.0.0.1:${photos.ready.port}`;
const service = process.env.BENCH_URL
  ? { url: process.env.BENCH_URL, pid: undefined, stop: async () => {} }
  : await startService(photoHost);
const body = JSON.stringify({ initial_image_url: `http://${photoHost}/${basename(SOURCE_PHOTO)}` });
const classify = () => call(`${service.url}/classify`, 'POST', body);

try {
  await measureUnloaded(classify, 10);
  const unloaded = await measureUnloaded(classify, 20);
  const capacity = await measureCapacity(classify, 5);
  await pause(3_000);
  const before = await memoryOf(service.pid);
  const { answers, probes, liveProbes } = await overload(
    service.url,
    classify,
    capacity * FACTOR,
    SECONDS,
  );
  const peak = await memoryOf(service.pid);
  await pause(10_000);
  await measureUnloaded(classify, 5);
  const after = await memoryOf(service.pid);

  const accepted = answers.filter(({ status }) => status === 200);
  const shed = answers.filter(({ status }) => status === 429 || status === 503);
  const baseline = percentile(timesOf(unloaded), 0.5);
  const loaded = percentile(timesOf(accepted), 0.5);
  const healthP99 = percentile(timesOf(probes), 0.99);
  const rows = [
    ['unloaded, median', ms(baseline)],
    ['capacity', `${capacity.toFixed(1)}/s`],
    ['offered', `${(answers.length / SECONDS).toFixed(1)}/s for ${SECONDS} s`],
    [
      'health probes that were 200',
      share(probes.filter(({ status }) => status === 200).length, probes.length),
      probes.every(({ status }) => status === 200),
    ],
    ['health p50', ms(percentile(timesOf(probes), 0.5))],
    ['health p99 (below 100 ms)', ms(healthP99), healthP99 < 100],
    ['liveness p99', ms(percentile(timesOf(liveProbes), 0.99))],
    [
      'accepted',
      `${accepted.length} (${(accepted.length / SECONDS).toFixed(1)}/s)`,
      accepted.length > 0,
    ],
    ['accepted, median', ms(loaded)],
    ['accepted, p99', ms(percentile(timesOf(accepted), 0.99))],
    [
      'accepted against unloaded (within 2x)',
      `${(loaded / baseline).toFixed(2)}x`,
      loaded / baseline <= 2,
    ],
    ['shed with 429 or 503', share(shed.length, answers.length)],
    [
      'shed with Retry-After',
      share(shed.filter(({ retryAfter }) => retryAfter).length, shed.length),
      shed.every(({ retryAfter }) => retryAfter),
    ],
    ['shed, p50', ms(percentile(timesOf(shed), 0.5))],
    ['shed, p99', ms(percentile(timesOf(shed), 0.99))],
    [
      'anything else',
      String(answers.length - accepted.length - shed.length),
      answers.length === accepted.length + shed.length,
    ],
    ...(before === undefined
      ? []
      : [
          [
            'memory before / at the end / 10 s later',
            `${before.toFixed(0)} / ${peak.toFixed(0)} / ${after.toFixed(0)} MiB`,
            after < before * 1.3 + 50,
          ],
        ]),
  ];
  process.exitCode = printRows(rows) ? 0 : 1;
} finally {
  agent.destroy();
  await service.stop();
  await Promise.all([photos.stop(), prober.stop()]);
}
