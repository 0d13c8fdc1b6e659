import { availableParallelism } from 'node:os';

import { rssMbOf } from './children.mjs';
import { openHttpLoad } from './http-load.mjs';
import { BENCH_SETTINGS, startServiceProcess } from './service-process.mjs';

/** Enough that downloads never leave a core without work, and far below CLASSIFY_CONCURRENCY. */
export const IN_FLIGHT_PER_CORE = 3;
const SAMPLE_EVERY_MS = 100;

const settings = ({ photoUrl, dataDir, modelDir, threads }) => ({
  ...BENCH_SETTINGS,
  DATA_DIR: dataDir,
  IMAGE_ALLOWED_PRIVATE_HOSTS: new URL(photoUrl).host,
  CLASSIFIER_MODEL_DIR: modelDir,
  ...(threads === undefined ? {} : { CLASSIFIER_THREADS: String(threads) }),
});

/** The real service as a child process. */
export const startService = async ({ photos, photoUrl, ...context }) => {
  const service = await startServiceProcess(settings({ photoUrl, ...context }));
  const { url, pid } = service;
  const inFlight = availableParallelism() * IN_FLIGHT_PER_CORE;
  const load = openHttpLoad({ address: `${url}/classify`, photoUrl, photos, inFlight });
  return {
    name: 'our HTTP endpoint',
    note: '`POST /classify` of the built service, photo fetched from a local server, cache off',
    url,
    inFlight,
    pids: [pid],
    measure: load.measure,
    check: load.check,
    stop: service.stop,
  };
};

/** Watches the memory of a service; the returned function ends it. */
export const watchMemory = (pid) => {
  const idleMb = rssMbOf(pid);
  let highestMb = idleMb;
  const timer = setInterval(() => (highestMb = Math.max(highestMb, rssMbOf(pid))), SAMPLE_EVERY_MS);
  return () => {
    clearInterval(timer);
    return { idleMb, highestMb, afterMb: rssMbOf(pid) };
  };
};
