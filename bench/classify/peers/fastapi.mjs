import { availableParallelism } from 'node:os';

import { freePort } from '../../../scripts/free-port.mjs';
import { startProgram, stopProgram } from '../children.mjs';
import { openHttpLoad, waitUntilReady } from '../http-load.mjs';
import { MODEL_DIR } from '../paths.mjs';
import { IN_FLIGHT_PER_CORE } from '../service.mjs';

const cores = availableParallelism();

const VARIANTS = [
  {
    name: 'FastAPI, async def',
    note: 'as the first team wrote it: 1 uvicorn worker, blocking calls inside `async def`, onnxruntime’s own threads',
    handler: 'async',
    workers: 1,
    threads: 0,
  },
  {
    name: 'FastAPI, def',
    note: `the same, set up well: \`def\` handlers, ${cores} uvicorn workers, 1 intra-op thread`,
    handler: 'sync',
    workers: cores,
    threads: 1,
  },
];

const start = async (variant, python, { photos, photoUrl }) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['-m', 'uvicorn', 'fastapi_server:app', '--host', '127.0.0.1', '--port', `${port}`];
  const child = startProgram(
    python,
    [...args, '--workers', `${variant.workers}`, '--log-level', 'error', '--no-access-log'],
    {
      cwd: import.meta.dirname,
      env: {
        ...process.env,
        PYTHONDONTWRITEBYTECODE: '1',
        BENCH_MODEL_DIR: MODEL_DIR,
        BENCH_HANDLER: variant.handler,
        BENCH_THREADS: `${variant.threads}`,
      },
    },
  );
  await waitUntilReady(`${url}/health`, child);
  const inFlight = cores * IN_FLIGHT_PER_CORE;
  const load = openHttpLoad({ address: `${url}/classify`, photoUrl, photos, inFlight });
  return {
    name: variant.name,
    note: `\`POST /classify\` by FastAPI + requests + Pillow + onnxruntime, ${variant.note}`,
    inFlight,
    pids: [child.pid],
    measure: load.measure,
    check: load.check,
    stop: () => stopProgram(child),
  };
};

/** @returns {Promise<import('../contender.mjs').Contender[]>} */
export const startFastApi = async (python, context) => {
  const started = [];
  for (const variant of VARIANTS) started.push(await start(variant, python, context));
  return started;
};
