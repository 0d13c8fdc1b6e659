import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { readManifest } from '../bare.mjs';
import { runProgram, startLoopChild } from '../children.mjs';
import { sideBySide } from '../closed-loop.mjs';
import { MODEL_DIR, PEERS_DIR } from '../paths.mjs';

const VERSION = '4.3.1';
const cores = availableParallelism();
/** Pillow's numbers, which transformers.js uses too. */
const RESAMPLE = { nearest: 0, linear: 2, cubic: 3, mitchell: 3, lanczos2: 1, lanczos3: 1 };

const install = async () => {
  const folder = join(PEERS_DIR, `transformers-${VERSION}`);
  const library = join(folder, 'node_modules/@huggingface/transformers/dist/transformers.node.mjs');
  if (existsSync(library)) return { folder, library };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await runProgram(
    'npm',
    [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `@huggingface/transformers@${VERSION}`,
    ],
    { cwd: folder, env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' } },
  );
  return { folder, library };
};

/** The configuration files that the pipeline reads, for the input that our manifest names. */
const writeModel = async (folder, python) => {
  const { input, desk } = readManifest();
  const { width, height } = input;
  const doesCover = input.resize === 'cover';
  if (input.resize === 'contain' || (doesCover && width !== height)) {
    throw new Error('its image processor can fill, or cover a square');
  }
  const target = join(folder, 'model');
  await mkdir(join(target, 'onnx'), { recursive: true });
  await runProgram(python, [
    join(import.meta.dirname, 'wrap_model.py'),
    MODEL_DIR,
    join(target, 'onnx/model.onnx'),
  ]);
  const deskClass = desk.activation === 'softmax' ? desk.index : 1;
  const config = { model_type: 'efficientnet', id2label: { 0: 'other', [deskClass]: 'desk' } };
  await writeFile(join(target, 'config.json'), JSON.stringify(config));
  const processor = {
    image_processor_type: 'ViTImageProcessor',
    do_resize: true,
    size: doesCover ? { shortest_edge: width } : { width, height },
    resample: RESAMPLE[input.kernel],
    do_center_crop: doesCover,
    crop_size: { width, height },
    do_rescale: false,
    do_normalize: false,
  };
  await writeFile(join(target, 'preprocessor_config.json'), JSON.stringify(processor));
  return target;
};

/** @returns {Promise<import('../contender.mjs').Contender>} */
export const startTransformers = async (python, { photos }) => {
  const { folder, library } = await install();
  const modelDir = await writeModel(folder, python);
  const loops = await Promise.all(
    Array.from({ length: cores }, () =>
      startLoopChild('peers/transformers-child.mjs', { photos, library, modelDir }),
    ),
  );
  return {
    name: 'transformers.js',
    note:
      `the \`image-classification\` pipeline of \`@huggingface/transformers\` ${VERSION} on bytes in memory, ` +
      `${cores} processes, 1 intra-op thread each; the same graph and weights behind a float32 NCHW input`,
    inFlight: cores,
    pids: loops.map(({ pid }) => pid),
    measure: async (slice) =>
      sideBySide(
        await Promise.all(loops.map(({ ask }) => ask('measure', { ...slice, inFlight: 1 }))),
      ),
    check: (kind) => loops[0].ask('check', kind),
    stop: () => Promise.all(loops.map(({ stop }) => stop())),
  };
};
