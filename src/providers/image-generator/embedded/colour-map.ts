import { type Colour } from './colour.js';
import { at, clamp, createPlane, type Raster } from './raster.js';

/** Samples a channel; 33 is the usual size of a photographic look-up table. */
const SIZE = 33;

/** Maps one colour and writes it to pixel `index` of `target`. */
export type ColourMap = (
  red: number,
  green: number,
  blue: number,
  target: Raster,
  index: number,
) => void;

/**
 * A 3D look-up table of an expensive colour function, read with trilinear interpolation: the
 * function runs 36 thousand times instead of once a pixel.
 */
export const createColourMap = (convert: (colour: Colour) => Colour): ColourMap => {
  const table = createPlane(SIZE ** 3 * 3);
  const top = SIZE - 1;
  for (let i = 0; i < SIZE ** 3; i++) {
    const red = Math.floor(i / (SIZE * SIZE)) / top;
    const green = (Math.floor(i / SIZE) % SIZE) / top;
    table.set(convert([red, green, (i % SIZE) / top]), i * 3);
  }
  return (red, green, blue, target, index) => {
    const r = clamp(red, 0, 1) * top;
    const g = clamp(green, 0, 1) * top;
    const b = clamp(blue, 0, 1) * top;
    const r0 = Math.min(r | 0, top - 1);
    const g0 = Math.min(g | 0, top - 1);
    const b0 = Math.min(b | 0, top - 1);
    const corner = ((r0 * SIZE + g0) * SIZE + b0) * 3;
    target.red[index] = interpolate(table, corner, r - r0, g - g0, b - b0);
    target.green[index] = interpolate(table, corner + 1, r - r0, g - g0, b - b0);
    target.blue[index] = interpolate(table, corner + 2, r - r0, g - g0, b - b0);
  };
};

const BLUE = 3;
const GREEN = SIZE * 3;
const RED = SIZE * SIZE * 3;

const interpolate = (
  table: ReturnType<typeof createPlane>,
  corner: number,
  r: number,
  g: number,
  b: number,
): number => {
  const c00 = at(table, corner) * (1 - b) + at(table, corner + BLUE) * b;
  const c01 = at(table, corner + GREEN) * (1 - b) + at(table, corner + GREEN + BLUE) * b;
  const c10 = at(table, corner + RED) * (1 - b) + at(table, corner + RED + BLUE) * b;
  const c11 =
    at(table, corner + RED + GREEN) * (1 - b) + at(table, corner + RED + GREEN + BLUE) * b;
  return (c00 * (1 - g) + c01 * g) * (1 - r) + (c10 * (1 - g) + c11 * g) * r;
};
