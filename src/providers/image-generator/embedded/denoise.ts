import { smoothKeepingEdges } from './edge-aware.js';
import {
  at,
  clamp,
  LUMA_BLUE,
  LUMA_GREEN,
  LUMA_RED,
  type Plane,
  type Raster,
  scaleOf,
  smoothStep,
  toLuma,
} from './raster.js';

/** Side of the squares in which noise is measured, in pixels. */
const BLOCK = 16;

/**
 * Standard deviation of the noise, from 0 to 1: response to a mask that cancels edges and slopes
 * (Immerkær 1996, "Fast Noise Variance Estimation"). Texture answers too, so a rather calm block
 * speaks for the picture instead of the mean over everything.
 */
export const measureNoise = (luma: Plane, width: number, height: number): number => {
  const levels: number[] = [];
  for (let top = 1; top + BLOCK < height; top += BLOCK) {
    for (let left = 1; left + BLOCK < width; left += BLOCK) {
      levels.push(blockNoise(luma, width, top * width + left));
    }
  }
  levels.sort((a, b) => a - b);
  return levels[Math.floor(levels.length * 0.4)] ?? 0;
};

const blockNoise = (luma: Plane, width: number, corner: number): number => {
  let sum = 0;
  for (let y = 0; y < BLOCK; y++) {
    for (let x = 0, i = corner + y * width; x < BLOCK; x++, i++) {
      const above = at(luma, i - width - 1) - 2 * at(luma, i - width) + at(luma, i - width + 1);
      const own = at(luma, i - 1) - 2 * at(luma, i) + at(luma, i + 1);
      const below = at(luma, i + width - 1) - 2 * at(luma, i + width) + at(luma, i + width + 1);
      sum += Math.abs(above - 2 * own + below);
    }
  }
  return (Math.sqrt(Math.PI / 2) * sum) / (6 * BLOCK * BLOCK);
};

/**
 * Cleans colour blotches thoroughly and brightness only as far as it is measurably noisy, more
 * in the shadows than in the light: that is where sensors and JPEG leave their grain.
 */
export const denoise = (raster: Raster): void => {
  const { width, height, red, green, blue } = raster;
  const luma = toLuma(raster);
  const noise = clamp(measureNoise(luma, width, height), 0.001, 0.035);
  const smooth = smoothKeepingEdges(raster, {
    spatialSigma: 3 + 5 * scaleOf(raster),
    rangeSigma: 0.08 + noise * 10,
    iterations: 2,
  });
  const share = clamp(noise / 0.01, 0.2, 0.75);
  for (let i = 0; i < luma.length; i++) {
    const r = at(smooth.red, i);
    const g = at(smooth.green, i);
    const b = at(smooth.blue, i);
    const clean = LUMA_RED * r + LUMA_GREEN * g + LUMA_BLUE * b;
    const shadow = 1 - smoothStep(0.1, 0.5, clean);
    const fine = at(luma, i) - clean;
    const kept = fine * (1 - share - (1 - share) * 0.6 * shadow);
    red[i] = clamp(r + kept, 0, 1);
    green[i] = clamp(g + kept, 0, 1);
    blue[i] = clamp(b + kept, 0, 1);
  }
};
