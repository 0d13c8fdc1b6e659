import { translateDecodeError } from '../../imaging/image-decoder.js';
import { type ImageLimits, openPhoto } from '../../imaging/open-photo.js';
import { type Sharp } from '../../imaging/sharp.js';
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
  limits: ImageLimits,
  size?: PhotoSize,
): Promise<Preprocessed> => {
  try {
    const photo = openPhoto(image, limits);
    const { width, height } = size ?? (await photo.metadata());
    const pixels = await toPixels(photo, input, input);
    return {
      tensor: toTensor(pixels.data, input),
      pixels,
      shortSidePx: Math.min(width, height),
    };
  } catch (error) {
    throw translateDecodeError(error);
  }
};

/**
 * Closer looks at the same photo: its middle, then its corners row by row, which overlap. It is
 * decoded once, so large that a part of `scale` of its sides has the model's input size.
 *
 * @throws ImageError `image_unreadable`
 */
export const preprocessParts = async (
  image: Buffer,
  input: ModelInput,
  limits: ImageLimits,
  scale: number,
): Promise<InputTensor[]> => {
  const width = Math.round(input.width / scale);
  const height = Math.round(input.height / scale);
  const [right, bottom] = [width - input.width, height - input.height];
  const places = [
    [right >> 1, bottom >> 1],
    [0, 0],
    [right, 0],
    [0, bottom],
    [right, bottom],
  ] as const;
  try {
    const whole = await toPixels(openPhoto(image, limits), input, { width, height });
    return places.map(([left, top]) => toTensor(cutOut(whole, left, top, input), input));
  } catch (error) {
    throw translateDecodeError(error);
  }
};

const toPixels = async (
  photo: Sharp,
  { resize, kernel }: ModelInput,
  { width, height }: PhotoSize,
): Promise<RgbPixels> => {
  const data = await photo
    .autoOrient()
    .resize(width, height, { fit: resize, kernel, background: PADDING })
    .toColourspace('srgb')
    .flatten({ background: '#ffffff' })
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer();
  return { data, width, height };
};

const cutOut = (
  from: RgbPixels,
  left: number,
  top: number,
  { width, height }: PhotoSize,
): Uint8Array => {
  const part = new Uint8Array(width * height * CHANNELS);
  for (let row = 0; row < height; row += 1) {
    const start = ((top + row) * from.width + left) * CHANNELS;
    part.set(from.data.subarray(start, start + width * CHANNELS), row * width * CHANNELS);
  }
  return part;
};

const toTensor = (rgb: Uint8Array, input: ModelInput): InputTensor => {
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
  rgb: Uint8Array,
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
