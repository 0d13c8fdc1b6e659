/** The bare loop, either in this process or in worker threads of it (`threads` > 0). */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

import { openBare } from './bare.mjs';
import { answerParent } from './child-protocol.mjs';
import { closedLoop, sideBySide } from './closed-loop.mjs';

/** @param {import('./photos.mjs').Photos} photos */
const openLoop = async (photos) => {
  const classify = await openBare();
  const bytes = Object.fromEntries(
    Object.entries(photos).map(([kind, { files }]) => [kind, files.map((f) => readFileSync(f))]),
  );
  return {
    measure: ({ kind, ...slice }) => {
      const variants = bytes[kind];
      return closedLoop((turn) => classify(variants[turn % variants.length]), slice);
    },
    check: (kind) => classify(bytes[kind][0]),
  };
};

const startThread = async (photos) => {
  const worker = new Worker(new URL(import.meta.url));
  const ask = async (message) => {
    worker.postMessage(message);
    const [value] = await once(worker, 'message'); // rejects when the thread fails
    return value;
  };
  await ask({ operation: 'start', argument: photos });
  return (operation, argument) => ask({ operation, argument });
};

if (isMainThread) {
  let ask;
  answerParent({
    start: async ({ photos, threads }) => {
      if (threads === 0) {
        const loop = await openLoop(photos);
        ask = { measure: loop.measure, check: loop.check };
        return;
      }
      const all = await Promise.all(Array.from({ length: threads }, () => startThread(photos)));
      ask = {
        measure: async (slice) =>
          sideBySide(await Promise.all(all.map((one) => one('measure', slice)))),
        check: (kind) => all[0]('check', kind),
      };
    },
    measure: (slice) => ask.measure(slice),
    check: (kind) => ask.check(kind),
  });
} else {
  let loop;
  parentPort.on('message', async ({ operation, argument }) => {
    if (operation === 'start') loop = await openLoop(argument);
    parentPort.postMessage(operation === 'start' ? undefined : await loop[operation](argument));
  });
}
