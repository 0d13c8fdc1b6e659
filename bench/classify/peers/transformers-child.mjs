/** The pipeline of transformers.js in a process of its own; nothing is asked of the hub. */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

import { answerParent } from '../child-protocol.mjs';
import { closedLoop } from '../closed-loop.mjs';

let classify;
let blobs;

answerParent({
  start: async ({ photos, library, modelDir }) => {
    const { env, pipeline, RawImage } = await import(pathToFileURL(library).href);
    env.allowRemoteModels = false;
    env.localModelPath = dirname(modelDir);
    const run = await pipeline('image-classification', basename(modelDir), {
      device: 'cpu',
      dtype: 'fp32',
      session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
    });
    classify = async (blob) => {
      const labels = await run(await RawImage.fromBlob(blob));
      return labels.find(({ label }) => label === 'desk')?.score;
    };
    blobs = Object.fromEntries(
      Object.entries(photos).map(([kind, { type, files }]) => [
        kind,
        files.map((file) => new Blob([readFileSync(file)], { type })),
      ]),
    );
  },
  measure: ({ kind, ...slice }) => {
    const variants = blobs[kind];
    return closedLoop((turn) => classify(variants[turn % variants.length]), slice);
  },
  check: (kind) => classify(blobs[kind][0]),
});
