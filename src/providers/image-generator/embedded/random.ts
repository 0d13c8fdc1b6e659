import { at, createPlane, type Plane } from './raster.js';

/** Uniform numbers in [0, 1), the same row of them for the same seed on every machine. */
export type Random = () => number;

export const DEFAULT_SEED = 1;

/** Mulberry32 (Tommy Ettinger, 2017): 32 bits of state are plenty for brush jitter. */
export const createRandom = (seed: number | null): Random => {
  const whole = Math.trunc(seed ?? DEFAULT_SEED);
  // Seeds may be wider than 32 bits; both halves count.
  let state = (whole ^ Math.imul(Math.floor(whole / 2 ** 32), 0x9e3779b1)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const between = (random: Random, low: number, high: number): number =>
  low + (high - low) * random();

/** Value noise from -1 to 1: random lattice points `cellPx` apart, joined smoothly. */
export const noisePlane = (
  width: number,
  height: number,
  cellPx: number,
  random: Random,
): Plane => {
  const columns = Math.ceil(width / cellPx) + 2;
  const rows = Math.ceil(height / cellPx) + 2;
  const lattice = createPlane(columns * rows).map(() => between(random, -1, 1));
  const noise = createPlane(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / cellPx);
    const v = ease(y / cellPx - row);
    for (let x = 0; x < width; x++, i++) {
      const column = Math.floor(x / cellPx);
      const u = ease(x / cellPx - column);
      const k = row * columns + column;
      const top = at(lattice, k) * (1 - u) + at(lattice, k + 1) * u;
      const bottom = at(lattice, k + columns) * (1 - u) + at(lattice, k + columns + 1) * u;
      noise[i] = top * (1 - v) + bottom * v;
    }
  }
  return noise;
};

const ease = (t: number): number => t * t * (3 - 2 * t);
