import { translateDecodeError } from '../../imaging/image-decoder.js';
import { sharp } from '../../imaging/sharp.js';
import { type PhotoSize } from './desk-classifier.port.js';
import { type ModelInput } from './model-manifest.js';
import { type RgbPixels } from './photo-fitness.js';

export interface Preprocessed {
  readonly tensor: InputTensor;
  /** The pixels that the tensor was made of. */
  readonly pixels: RgbPixels;
  /** Shorter side of the file in pixels. */
  readonly shortSidePx: number;
}

export interface InputTensor {
  readonly data: Uint8Array | Float32Array;
  /** Batch of one, in the manifest's layout. */
  readonly dims: readonly number[];
}

const CHANNELS = 3;
/** What "contain" puts beside the photo: the mid grey that a normalised tensor sees as zero. */
const PADDING = { r: 127, g: 127, b: 127 };

/**
 * Decodes a photo straight to the model's input size. It stays one sharp pipeline, so that JPEG
 * shrink-on-load works: a 12 MP photo is never decoded in full.
 *
 * @throws ImageError `image_unreadable`
 */
export const preprocess = async (
  image: Buffer,
  input: ModelInput,
  limits: { readonly maxPixels: number; readonly timeoutMs: number },
  size?: PhotoSize,
): Promise<Preprocessed> => {
  try {
    const photo = sharp(image, { limitInputPixels: limits.maxPixels, failOn: 'error' });
    const { width, height } = size ?? (await photo.metadata());
    const data = await photo
      .timeout({ seconds: Math.max(1, Math.ceil(limits.timeoutMs / 1_000)) })
      .autoOrient()
      .resize(input.width, input.height, {
        fit: input.resize,
        kernel: input.kernel,
        background: PADDING,
      })
      .toColourspace('srgb')
      .flatten({ background: '#ffffff' })
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer();
    return {
      tensor: toTensor(data, input),
      pixels: { data, width: input.width, height: input.height },
      shortSidePx: Math.min(width, height),
    };
  } catch (error) {
    throw translateDecodeError(error);
  }
};

const toTensor = (rgb: Buffer, input: ModelInput): InputTensor => {
  const { width, height, layout, dtype } = input;
  const dims = layout === 'NHWC' ? [1, height, width, CHANNELS] : [1, CHANNELS, height, width];
  if (dtype === 'uint8' && layout === 'NHWC' && input.channels === 'RGB') {
    return { data: new Uint8Array(rgb), dims };
  }
  const data = dtype === 'uint8' ? new Uint8Array(rgb.length) : new Float32Array(rgb.length);
  for (let channel = 0; channel < CHANNELS; channel += 1) fillChannel(data, rgb, input, channel);
  return { data, dims };
};

const fillChannel = (
  data: Uint8Array | Float32Array,
  rgb: Buffer,
  input: ModelInput,
  channel: number,
): void => {
  const pixels = input.width * input.height;
  const source = input.channels === 'RGB' ? channel : CHANNELS - 1 - channel;
  const isRaw = input.dtype === 'uint8';
  const mean = isRaw ? 0 : (input.mean[channel] ?? 0);
  const std = isRaw ? 1 : (input.std[channel] ?? 1);
  const [start, stride] = input.layout === 'NHWC' ? [channel, CHANNELS] : [channel * pixels, 1];
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    data[start + pixel * stride] = ((rgb[pixel * CHANNELS + source] ?? 0) - mean) / std;
  }
};
