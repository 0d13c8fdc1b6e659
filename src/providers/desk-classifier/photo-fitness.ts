import { type VerdictReason } from './desk-classifier.port.js';

/** What is measured of a photo beside the model's answer. Luma is 0 to 255 (Rec. 709). */
export interface PhotoMeasures {
  /** Shorter side of the file in pixels. */
  readonly shortSidePx: number;
  readonly meanLuma: number;
  /** Luma that only the brightest 1 % exceed. */
  readonly brightLuma: number;
  /**
   * Edge strength that only the strongest 1 % exceed (Laplacian), as a share of the photo's own
   * range of luma, so that a dark photo is not taken for a blurred one. Null when it cannot be told.
   */
  readonly sharpness: number | null;
}

export interface RgbPixels {
  /** Interleaved 8-bit RGB. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Below this the model says yes too easily (card), and there is too little to redraw, in pixels. */
const MIN_SHORT_SIDE_PX = 96;

/**
 * Thresholds measured on the 495 normal colour photos of desks in the training data, scaled to 352 px.
 * Dark: their lowest mean is 27 and their lowest bright luma 101; at 15 % exposure the highest are 30
 * and 38. Blurred: the weakest of them has a sharpness of 0.19; blurred by a Gaussian of 1 % of the
 * longer side the strongest has 0.07.
 */
const DARK_MEAN_LUMA = 28;
const DARK_BRIGHT_LUMA = 64;
const BLURRED_SHARPNESS = 0.1;

/** Smaller pictures have no detail left to judge sharpness by, in pixels. */
const MIN_SHARPNESS_SIDE_PX = 160;
/** Flatter pictures have no edges to be sharp or blurred, in luma. */
const MIN_LUMA_RANGE = 8;
const LEVELS = 256;
const MAX_LAPLACIAN = 4 * (LEVELS - 1);
/** Every second pixel of every second row is enough for a percentile, at a quarter of the time. */
const STRIDE = 2;

const lumaAt = (data: Uint8Array, pixel: number): number => {
  const i = pixel * 3;
  return (54 * (data[i] ?? 0) + 183 * (data[i + 1] ?? 0) + 19 * (data[i + 2] ?? 0)) >> 8;
};

/** The value that `share` of all counted ones do not exceed. */
const quantile = (histogram: Uint32Array, count: number, share: number): number => {
  let seen = 0;
  for (let value = 0; value < histogram.length; value += 1) {
    seen += histogram[value] ?? 0;
    if (seen >= count * share) return value;
  }
  return histogram.length - 1;
};

/** Measures the pixels that the model gets, so that no photo is decoded twice. */
export const measurePhoto = (pixels: RgbPixels, shortSidePx: number): PhotoMeasures => {
  const { data, width, height } = pixels;
  const lumas = new Uint32Array(LEVELS);
  const edges = new Uint32Array(MAX_LAPLACIAN + 1);
  // With this stride neighbours share what lies between them: its luma is computed once.
  const above = new Uint8Array(width);
  for (let x = 1; x < width - 1; x += STRIDE) above[x] = lumaAt(data, x);
  let sum = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y += STRIDE) {
    let left = lumaAt(data, y * width);
    for (let x = 1; x < width - 1; x += STRIDE) {
      const at = y * width + x;
      const luma = lumaAt(data, at);
      const right = lumaAt(data, at + 1);
      const below = lumaAt(data, at + width);
      const edge = Math.abs(4 * luma - left - right - (above[x] ?? 0) - below);
      left = right;
      above[x] = below;
      lumas[luma] = (lumas[luma] ?? 0) + 1;
      edges[edge] = (edges[edge] ?? 0) + 1;
      sum += luma;
      count += 1;
    }
  }
  const range = quantile(lumas, count, 0.95) - quantile(lumas, count, 0.05);
  const canTellSharpness = Math.min(width, height) >= MIN_SHARPNESS_SIDE_PX;
  return {
    shortSidePx,
    meanLuma: count === 0 ? 0 : sum / count,
    brightLuma: quantile(lumas, count, 0.99),
    sharpness:
      canTellSharpness && range >= MIN_LUMA_RANGE ? quantile(edges, count, 0.99) / range : null,
  };
};

/** Why a photo is unfit whatever it shows; null when nothing measured speaks against it. */
export const findUnfitness = (measures: PhotoMeasures): VerdictReason | null => {
  if (measures.shortSidePx < MIN_SHORT_SIDE_PX) return 'too_small';
  if (measures.meanLuma < DARK_MEAN_LUMA && measures.brightLuma < DARK_BRIGHT_LUMA) {
    return 'too_dark';
  }
  const isBlurred = measures.sharpness !== null && measures.sharpness < BLURRED_SHARPNESS;
  return isBlurred ? 'blurred' : null;
};
