/**
 * How fast is the desk classifier, and how much of that is lost on the way to the caller?
 * `npm run bench:classify -- --help`; results in docs/performance.md.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import { modelMbOf, readManifest } from './classify/bare.mjs';
import { startLoopChild } from './classify/children.mjs';
import { measureAll, warmUp } from './classify/contender.mjs';
import { measureGenerator, measureTools } from './classify/generator.mjs';
import { startProbes } from './classify/http-load.mjs';
import { readOptions } from './classify/options.mjs';
import { startPeers } from './classify/peers/peers.mjs';
import { makeModelFolders } from './classify/model-folders.mjs';
import { makePhotos } from './classify/photos.mjs';
import { startDoubtfulPort, startPort } from './classify/port.mjs';
import { startRawLimit } from './classify/raw-limit.mjs';
import { toMarkdown, writePage } from './classify/report.mjs';
import { startService, watchMemory } from './classify/service.mjs';
import { judge } from './classify/targets.mjs';

/** The target for memory is set for this many classifier threads. */
const JUDGED_THREADS = 2;
/** As `CLASSIFIER_THREADS` has it when it is not set. */
const MAX_DEFAULT_THREADS = 4;
/** More load than this for each core before the run makes absolute numbers worthless. */
const QUIET_LOAD = 0.2;
const SATURATING_KIND = 'phone';
const SMALLEST_KIND = 'jpeg';

const options = readOptions();
const { seconds } = options;
const say = (text) => process.stderr.write(`${text}\n`);

const describeMachine = () => {
  const [cores, [load]] = [availableParallelism(), loadavg()];
  return {
    cores,
    load,
    isBusy: load > QUIET_LOAD * cores,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 10),
  };
};

/** Saturates the endpoint and asks for its health meanwhile. */
const measureSaturation = async (endpoint, photoServer) => {
  const stopProbes = startProbes(`${endpoint.url}/health`);
  const slice = { kind: SATURATING_KIND, leadMs: 300, windowMs: seconds * 1_000 };
  const tools = await measureTools(() => endpoint.measure(slice), photoServer.pid);
  return { tools, health: await stopProbes() };
};

/** Memory with two threads, of the service that did all the work if that is what it has. */
const measureMemoryApart = async (context) => {
  const service = await startService({ ...context, threads: JUDGED_THREADS });
  const stopWatching = watchMemory(service.pids[0]);
  for (const kind of Object.keys(context.photos)) {
    await service.measure({ kind, leadMs: 0, windowMs: (seconds * 1_000) / 2 });
  }
  const memory = stopWatching();
  await service.stop();
  return memory;
};

const run = async (folder) => {
  const machine = describeMachine();
  say(`load of the machine: ${machine.load.toFixed(1)} on ${machine.cores} cores`);
  say('making the photos …');
  const photos = await makePhotos(folder);
  const photoServer = await startLoopChild('photo-server.mjs', { photos });
  const photoUrl = `http://127.0.0.1:${photoServer.ready.port}`;
  const models = makeModelFolders(folder);
  const context = { photos, photoUrl, dataDir: join(folder, 'data'), modelDir: models.oneLook };

  const peers = options.skipPeers
    ? { contenders: [], missing: ['The peers were left out (`--skip-peers`).'] }
    : await startPeers(context, say);
  const raw = await startRawLimit(photos, seconds, say);
  const port = await startPort(photos, models.oneLook);
  const doubtful = models.twoLooks ? [await startDoubtfulPort(photos, models.twoLooks)] : [];
  const endpoint = await startService(context);
  const stopWatching = watchMemory(endpoint.pids[0]);
  const contenders = [raw, port, ...doubtful, endpoint, ...peers.contenders];

  say('warming up …');
  await warmUp(contenders, SMALLEST_KIND);
  const results = {};
  for (const [kind, { title }] of Object.entries(photos)) {
    say(`measuring ${title} …`);
    results[kind] = await measureAll(contenders, kind, seconds);
  }
  say('asking for health under saturation …');
  const { tools, health } = await measureSaturation(endpoint, photoServer);
  const { inFlight } = endpoint;
  const generatorPerSecond = await measureGenerator({ photos, photoUrl, inFlight });
  let memory = stopWatching();
  for (const { stop } of contenders) await stop();
  if (Math.min(MAX_DEFAULT_THREADS, machine.cores) !== JUDGED_THREADS) {
    memory = await measureMemoryApart(context);
  }
  await photoServer.stop();

  const manifest = readManifest();
  const modelMb = modelMbOf(manifest);
  const targets = judge({ results, photos, endpoint, health, modelMb, memory });
  return {
    machine,
    seconds,
    photos,
    results,
    targets,
    memory,
    health,
    tools: { ...tools, generatorPerSecond },
    model: `${manifest.name}@${manifest.version}`,
    missing: peers.missing,
  };
};

const folder = await mkdtemp(join(tmpdir(), 'desk-ai-bench-'));
// Synchronous: also on Ctrl+C, when nothing is awaited any more.
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
try {
  const result = await run(folder);
  const markdown = toMarkdown(result);
  process.stdout.write(`${markdown}\n`);
  if (options.write) await writePage(markdown);
  const hasMissed = result.targets.some(({ isReached }) => !isReached);
  process.exitCode = hasMissed && options.judge ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();
