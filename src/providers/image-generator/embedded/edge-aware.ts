import { gaussianBlurRaster } from './blur.js';
import { at, copyRaster, type Plane, type Raster } from './raster.js';

export interface SmoothingOptions {
  /** How far colour may flow, in pixels. */
  readonly spatialSigma: number;
  /** How large a step of colour (0 to 1, summed over the channels) stops the flow. */
  readonly rangeSigma: number;
  readonly iterations?: number;
}

/** Differences between neighbours are kept as whole levels, so that weights come from a table. */
const LEVELS = 1024;

/**
 * Smooths areas and keeps edges without halos: the domain transform's recursive filter
 * (Gastal & Oliveira 2011, "Domain Transform for Edge-Aware Image and Video Processing").
 * Its cost does not grow with the radius. Edges are those of `guide`, by default the picture's own.
 */
export const smoothKeepingEdges = (
  raster: Raster,
  { spatialSigma, rangeSigma, iterations = 3 }: SmoothingOptions,
  guide: Raster = raster,
): Raster => {
  const result = copyRaster(raster);
  const { width, height } = raster;
  const across = differences(guide, 1);
  const down = differences(guide, width);
  for (let pass = 1; pass <= iterations; pass++) {
    const sigma =
      (spatialSigma * Math.sqrt(3) * 2 ** (iterations - pass)) / Math.sqrt(4 ** iterations - 1);
    const weights = weightTable(sigma, spatialSigma / rangeSigma);
    for (const plane of [result.red, result.green, result.blue]) {
      filterRows(plane, width, height, across, weights);
      filterColumns(plane, width, height, down, weights);
    }
  }
  return result;
};

/**
 * Removes what is smaller than `detailPx` and keeps the outline of what is larger: the rolling
 * guidance filter (Zhang et al. 2014). The blurred picture guides the first round; each round
 * brings the edges of the large shapes back, never those of the small ones.
 */
export const removeSmallDetail = (
  raster: Raster,
  detailPx: number,
  options: SmoothingOptions,
  rounds = 3,
): Raster => {
  let guide = gaussianBlurRaster(raster, detailPx);
  for (let round = 0; round < rounds; round++) {
    guide = smoothKeepingEdges(raster, options, guide);
  }
  return guide;
};

/** Colour step from each pixel to the one `stride` before it. */
const differences = ({ red, green, blue }: Raster, stride: number): Uint16Array => {
  const steps = new Uint16Array(red.length);
  for (let i = stride; i < steps.length; i++) {
    const step =
      Math.abs(at(red, i) - at(red, i - stride)) +
      Math.abs(at(green, i) - at(green, i - stride)) +
      Math.abs(at(blue, i) - at(blue, i - stride));
    const level = Math.round((step * LEVELS) / 3);
    steps[i] = level < LEVELS ? level : LEVELS - 1;
  }
  return steps;
};

const weightTable = (sigma: number, stiffness: number): Plane =>
  new Float32Array(LEVELS).map((_, level) =>
    Math.exp((-Math.SQRT2 / sigma) * (1 + (stiffness * level * 3) / LEVELS)),
  );

const filterRows = (
  plane: Plane,
  width: number,
  height: number,
  steps: Uint16Array,
  weights: Plane,
): void => {
  for (let y = 0; y < height; y++) {
    const first = y * width;
    let previous = at(plane, first);
    for (let i = first + 1; i < first + width; i++) {
      const own = at(plane, i);
      previous = own + at(weights, steps[i] as number) * (previous - own);
      plane[i] = previous;
    }
    for (let i = first + width - 2; i >= first; i--) {
      const own = at(plane, i);
      previous = own + at(weights, steps[i + 1] as number) * (previous - own);
      plane[i] = previous;
    }
  }
};

const filterColumns = (
  plane: Plane,
  width: number,
  height: number,
  steps: Uint16Array,
  weights: Plane,
): void => {
  for (let i = width; i < width * height; i++) {
    const own = at(plane, i);
    plane[i] = own + at(weights, steps[i] as number) * (at(plane, i - width) - own);
  }
  for (let i = width * (height - 1) - 1; i >= 0; i--) {
    const own = at(plane, i);
    plane[i] = own + at(weights, steps[i + width] as number) * (at(plane, i + width) - own);
  }
};
