/** Our port in a process of its own, as the module starts it but with the cache off. */
import { readFileSync } from 'node:fs';

import { answerParent } from './child-protocol.mjs';
import { closedLoop } from './closed-loop.mjs';

/** The defaults of `src/config/intake.config.ts` that the classifier looks at. */
const INTAKE = { maxPixels: 50_000_000, decodeTimeoutMs: 10_000 };
const QUEUE_LIMIT = 64;

let classifier;
let bytes;

answerParent({
  start: async ({ photos, modelDir }) => {
    await import('reflect-metadata');
    const { OnnxDeskClassifier } =
      await import('../../dist/providers/desk-classifier/onnx-desk-classifier.js');
    const config = { modelDir, queueLimit: QUEUE_LIMIT, cacheSize: 0 };
    classifier = await OnnxDeskClassifier.start(config, INTAKE);
    bytes = Object.fromEntries(
      Object.entries(photos).map(([kind, { files }]) => [kind, files.map((f) => readFileSync(f))]),
    );
  },
  measure: ({ kind, ...slice }) => {
    const variants = bytes[kind];
    return closedLoop((turn) => classifier.classify(variants[turn % variants.length]), slice);
  },
  check: async (kind) => (await classifier.classify(bytes[kind][0])).confidence,
});
