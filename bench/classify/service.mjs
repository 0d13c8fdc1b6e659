import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { rssMbOf, startProgram, stopProgram } from './children.mjs';
import { freePort, openHttpLoad, waitUntilReady } from './http-load.mjs';
import { MODEL_DIR, ROOT } from './paths.mjs';

/** Enough that downloads never leave a core without work, and far below CLASSIFY_CONCURRENCY. */
export const IN_FLIGHT_PER_CORE = 3;
const SAMPLE_EVERY_MS = 100;

/** Only what is written here: no setting of the caller's shell changes the result. */
const settings = ({ port, photoUrl, dataDir, threads }) => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NODE_ENV: 'production',
  // As `npm start` does.
  MALLOC_ARENA_MAX: '2',
  HOST: '127.0.0.1',
  PORT: String(port),
  AUTH: 'off',
  RATE_LIMITS: 'off',
  LOG_LEVEL: 'silent',
  DATA_DIR: dataDir,
  IMAGE_ALLOWED_PRIVATE_HOSTS: new URL(photoUrl).host,
  CLASSIFIER_MODEL_DIR: MODEL_DIR,
  CLASSIFIER_CACHE_SIZE: '0',
  CLASSIFY_FOLLOW_UP: 'none',
  ...(threads === undefined ? {} : { CLASSIFIER_THREADS: String(threads) }),
});

/** The real service as a child process. */
export const startService = async ({ photos, photoUrl, dataDir, threads }) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = startProgram(
    process.execPath,
    ['--max-semi-space-size=2', join(ROOT, 'dist/main.js')],
    {
      cwd: ROOT,
      env: settings({ port, photoUrl, dataDir, threads }),
    },
  );
  await waitUntilReady(`${url}/health`, child);
  const inFlight = availableParallelism() * IN_FLIGHT_PER_CORE;
  const load = openHttpLoad({ address: `${url}/classify`, photoUrl, photos, inFlight });
  return {
    name: 'our HTTP endpoint',
    note: '`POST /classify` of the built service, photo fetched from a local server, cache off',
    url,
    inFlight,
    pids: [child.pid],
    measure: load.measure,
    check: load.check,
    stop: async () => {
      await load.close();
      await stopProgram(child);
    },
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
