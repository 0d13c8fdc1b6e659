/**
 * What the task engine itself costs: the contract's steps with providers that take no time (overhead)
 * or a fixed time (what one process can hold, and what more workers bring).
 *
 *   npm run bench:tasks            all of it, prints the table of docs/performance.md
 *   npm run bench:tasks -- quick   a tenth of it
 */
import 'reflect-metadata';

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { v7 as uuidv7 } from 'uuid';

import { systemClock } from '../dist/common/clock.js';
import { AppLogger } from '../dist/common/logging/app-logger.js';
import { callbackConfig } from '../dist/config/callback.config.js';
import { tasksConfig } from '../dist/config/tasks.config.js';
import { TaskEngine } from '../dist/tasks/task-engine.js';
import { createTaskStorage } from '../dist/tasks/task-storage.js';
import { startPostgres } from '../scripts/postgres.mjs';

const STEPS = [
  'fetch_image',
  'classify',
  'store_input',
  'write_prompt',
  'search_products',
  'generate_image',
  'check_result',
  'store_result',
];
const KIND = 'bench.v1';

/** Every step hands on a little JSON; drawing takes `drawMs`. */
const createHandler = (drawMs) => ({
  kind: KIND,
  version: 1,
  steps: STEPS.map((name, index) => ({ name, percent: 12 * (index + 1) })),
  run: async (context) => {
    const step = (name, ms = 0) =>
      context.step(
        name,
        async (signal) => {
          if (ms > 0) await sleep(ms, undefined, { signal });
          return { name, text: 'x'.repeat(200) };
        },
        (stored) => stored,
      );
    for (const name of STEPS.slice(0, 4)) await step(name);
    await context.all([step('generate_image', drawMs), step('search_products')]);
    for (const name of STEPS.slice(6)) await step(name);
  },
  toResource: () => ({}),
  deleteFiles: async () => undefined,
  cleanUp: async () => undefined,
});

const createEngine = async ({ url, dataDir, concurrency, drawMs, role = 'all' }) => {
  const tasks = { ...tasksConfig(), concurrency };
  const storage = await createTaskStorage({
    dataDir,
    database: { url, poolSize: 10, role },
    concurrency,
    onError: (error) => console.error(error),
  });
  const engine = new TaskEngine({
    ...storage,
    sender: { send: async () => Promise.reject(new Error('No callbacks here')) },
    clock: systemClock,
    logger: AppLogger.create('silent'),
    tasks,
    callback: callbackConfig(),
    role,
  });
  engine.handlers.register(createHandler(drawMs));
  await engine.open();
  await engine.start();
  return engine;
};

const create = async (engine) => {
  const outcome = await engine.store.create({
    id: uuidv7(),
    kind: KIND,
    version: 1,
    owner: 'bench',
    input: {},
    callbackUrl: null,
    createdAt: new Date(),
    fingerprint: 'bench',
    idempotencyKey: null,
    queueLimit: 1_000_000,
    joinWithinMs: null,
  });
  engine.wake(outcome.task);
  return outcome.task.id;
};

const ended = async (engine, id) => {
  const never = new AbortController().signal;
  for (;;) {
    const news = engine.feed.next(id, never);
    const task = await engine.store.find(id);
    if (task.finishedAt !== null) return task;
    await news;
  }
};

const at = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const round = (value, digits = 1) => Number(value.toFixed(digits));

/** One task at a time: from the request's transaction to the end that a listener sees. */
const measureOverhead = async (engine, count) => {
  const times = [];
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now();
    await ended(engine, await create(engine));
    times.push(performance.now() - startedAt);
  }
  return { p50: round(at(times, 0.5)), p99: round(at(times, 0.99)) };
};

const measureThroughput = async (engine, count) => {
  const startedAt = performance.now();
  const ids = await Promise.all(Array.from({ length: count }, () => create(engine)));
  await Promise.all(ids.map((id) => ended(engine, id)));
  return round(count / ((performance.now() - startedAt) / 1_000));
};

const measureInFlight = async (engine, count) => {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let peakBytes = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
  }, 200);
  delay.enable();
  const ids = await Promise.all(Array.from({ length: count }, () => create(engine)));
  await Promise.all(ids.map((id) => ended(engine, id)));
  delay.disable();
  clearInterval(watch);
  return { rssMb: round(peakBytes / 2 ** 20, 0), loopP99Ms: round(delay.percentile(99) / 1e6) };
};

const stop = async (engine) => {
  await engine.drain(5_000);
  await engine.close();
};

const withEngine = async (options, work) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-bench-'));
  const engine = await createEngine({ dataDir, ...options });
  try {
    return await work(engine);
  } finally {
    await stop(engine);
    await rm(dataDir, { recursive: true, force: true });
  }
};

/** Tasks each second with this many worker processes whose providers take `drawMs`. */
const measureWorkers = async (url, workers, drawMs, count) => {
  const children = Array.from({ length: workers }, () =>
    fork(fileURLToPath(import.meta.url), ['worker', url, String(drawMs)]),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const result = await withEngine({ url, concurrency: 1, drawMs: 0, role: 'api' }, (engine) =>
    measureThroughput(engine, count),
  );
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map((child) => once(child, 'exit')));
  return result;
};

const serveAsWorker = async (url, drawMs) => {
  const engine = await createEngine({
    url,
    dataDir: tmpdir(),
    concurrency: 4,
    drawMs,
    role: 'worker',
  });
  process.send('ready');
  process.once('SIGTERM', async () => {
    await stop(engine);
    process.exit(0);
  });
};

const main = async (scale) => {
  const postgres = process.env.TEST_DATABASE_URL ? undefined : await startPostgres();
  const url = process.env.TEST_DATABASE_URL ?? postgres.url;
  const rows = [];
  try {
    for (const [name, databaseUrl] of [
      ['embedded', undefined],
      ['PostgreSQL', url],
    ]) {
      const base = { url: databaseUrl, drawMs: 0 };
      const overhead = await withEngine({ ...base, concurrency: 4 }, async (engine) => {
        await measureOverhead(engine, 20);
        return measureOverhead(engine, 200 * scale);
      });
      const perSecond = await withEngine({ ...base, concurrency: 8 }, (engine) =>
        measureThroughput(engine, 300 * scale),
      );
      const inFlight = await withEngine({ ...base, drawMs: 10_000, concurrency: 100 }, (engine) =>
        measureInFlight(engine, 100),
      );
      rows.push({ name, ...overhead, perSecond, ...inFlight });
      console.error(rows.at(-1));
    }
    const rates = [];
    for (const workers of [1, 2, 3]) {
      rates.push(await measureWorkers(url, workers, 2_000, Math.round(72 * Math.max(scale, 0.5))));
      console.error({ workers, perSecond: rates.at(-1) });
    }
    print(rows, rates);
  } finally {
    await postgres?.stop();
  }
};

const print = (rows, rates) => {
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}\n`);
  console.log(
    '| store | overhead p50 / p99, ms | tasks/s | 100 in flight: RSS, MB | loop delay p99, ms |',
  );
  console.log('|---|---|---|---|---|');
  for (const { name, p50, p99, perSecond, rssMb, loopP99Ms } of rows) {
    console.log(`| ${name} | ${p50} / ${p99} | ${perSecond} | ${rssMb} | ${loopP99Ms} |`);
  }
  console.log('\n| workers, 4 tasks each, drawing 2 s | tasks/s | times one worker |');
  console.log('|---|---|---|');
  for (const [index, rate] of rates.entries()) {
    console.log(`| ${index + 1} | ${round(rate, 2)} | ${round(rate / rates[0], 2)} |`);
  }
};

const [mode, url, drawMs] = process.argv.slice(2);
if (mode === 'worker') await serveAsWorker(url, Number(drawMs));
else await main(mode === 'quick' ? 0.1 : 1);
