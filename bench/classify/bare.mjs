import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

import { MODEL_DIR } from './paths.mjs';

const CHANNELS = 3;

/** The model's manifest as it is on disk: sizes and names are read, never assumed. */
export const readManifest = () => JSON.parse(readFileSync(join(MODEL_DIR, 'model.json'), 'utf8'));

export const modelPathOf = (manifest) => join(MODEL_DIR, manifest.file);
export const modelMbOf = (manifest) => statSync(modelPathOf(manifest)).size / 1e6;

/** The same pipeline as `src/providers/desk-classifier/preprocess.ts`, without its guards. */
export const decode = (bytes, input) =>
  sharp(bytes, { failOn: 'error' })
    .autoOrient()
    .resize(input.width, input.height, {
      fit: input.resize,
      kernel: input.kernel,
      background: { r: 127, g: 127, b: 127 },
    })
    .toColourspace('srgb')
    .flatten({ background: '#ffffff' })
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer();

const toData = (rgb, input) => {
  const isRaw = input.dtype === 'uint8';
  if (isRaw && input.layout === 'NHWC' && input.channels === 'RGB') return rgb;
  const pixels = input.width * input.height;
  const data = isRaw ? new Uint8Array(rgb.length) : new Float32Array(rgb.length);
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    const source = input.channels === 'RGB' ? channel : CHANNELS - 1 - channel;
    const [start, stride] = input.layout === 'NHWC' ? [channel, CHANNELS] : [channel * pixels, 1];
    const [mean, std] = isRaw ? [0, 1] : [input.mean[channel], input.std[channel]];
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      data[start + pixel * stride] = (rgb[pixel * CHANNELS + source] - mean) / std;
    }
  }
  return data;
};

const toProbability = (values, { index, activation, temperature = 1 }) => {
  const scaled = Array.from(values, (value) => value / temperature);
  if (activation === 'none') return values[index];
  if (activation === 'sigmoid') return 1 / (1 + Math.exp(-scaled[index]));
  const max = Math.max(...scaled);
  const exps = scaled.map((value) => Math.exp(value - max));
  return exps[index] / exps.reduce((a, b) => a + b, 0);
};

/** Decode and inference with nothing around them. */
export const openBare = async () => {
  sharp.cache(false);
  const manifest = readManifest();
  const { input, desk } = manifest;
  const { width, height, layout, dtype } = input;
  const dims = layout === 'NHWC' ? [1, height, width, CHANNELS] : [1, CHANNELS, height, width];
  const session = await InferenceSession.create(modelPathOf(manifest), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  /** @returns {Promise<number>} probability of a desk */
  return async (bytes) => {
    const data = toData(await decode(bytes, input), input);
    const outputs = await session.run({ [input.name]: new Tensor(dtype, data, dims) });
    return toProbability(outputs[desk.output].data, desk);
  };
};
