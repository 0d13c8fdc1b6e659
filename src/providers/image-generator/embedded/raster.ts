/** One channel of a picture, row by row. Colour planes hold gamma-encoded sRGB from 0 to 1. */
export type Plane = Float32Array<ArrayBuffer>;

/** A picture as three planes: filters work on one channel at a time, so planar memory is faster. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly red: Plane;
  readonly green: Plane;
  readonly blue: Plane;
}

export const createPlane = (length: number): Plane => new Float32Array(length);

/**
 * A sample that the caller knows to be inside the plane. The compiler cannot know it, and a
 * one-line function costs nothing: V8 inlines it.
 */
export const at = (plane: Plane, index: number): number => plane[index] as number;

export const clamp = (value: number, low: number, high: number): number =>
  value < low ? low : value > high ? high : value;

export const mix = (from: number, to: number, share: number): number => from + (to - from) * share;

/** Hermite step from 0 at `low` to 1 at `high`. */
export const smoothStep = (low: number, high: number, value: number): number => {
  const t = clamp((value - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
};

export const createRaster = (width: number, height: number): Raster => {
  const length = width * height;
  return {
    width,
    height,
    red: createPlane(length),
    green: createPlane(length),
    blue: createPlane(length),
  };
};

export const copyRaster = (raster: Raster): Raster => mapPlanes(raster, (plane) => plane.slice());

/** Applies one channel filter to all three channels. */
export const mapPlanes = (raster: Raster, filter: (plane: Plane) => Plane): Raster => ({
  width: raster.width,
  height: raster.height,
  red: filter(raster.red),
  green: filter(raster.green),
  blue: filter(raster.blue),
});

/** Luma weights of ITU-R BT.709, the primaries of sRGB. */
export const LUMA_RED = 0.2126;
export const LUMA_GREEN = 0.7152;
export const LUMA_BLUE = 0.0722;

export const toLuma = ({ red, green, blue }: Raster): Plane => {
  const luma = createPlane(red.length);
  for (let i = 0; i < luma.length; i++) {
    luma[i] = LUMA_RED * at(red, i) + LUMA_GREEN * at(green, i) + LUMA_BLUE * at(blue, i);
  }
  return luma;
};

/** All lengths in the renderings are meant for a longest side of 1536 px and scaled by this. */
export const scaleOf = ({ width, height }: { width: number; height: number }): number =>
  Math.max(width, height) / 1536;

/** @param bytes interleaved RGB, 8 bits a channel */
export const rasterFromBytes = (bytes: Uint8Array, width: number, height: number): Raster => {
  const raster = createRaster(width, height);
  const { red, green, blue } = raster;
  for (let i = 0, o = 0; i < red.length; i++, o += 3) {
    red[i] = (bytes[o] as number) / 255;
    green[i] = (bytes[o + 1] as number) / 255;
    blue[i] = (bytes[o + 2] as number) / 255;
  }
  return raster;
};

/**
 * Rounds with a fixed 8x8 ordered dither (Bayer 1973), the same for all channels: smooth walls
 * keep their gradient instead of showing bands.
 */
export const rasterToBytes = ({
  width,
  height,
  red,
  green,
  blue,
}: Raster): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++, o += 3) {
      const threshold = bayer8(x, y);
      bytes[o] = clamp(at(red, i) * 255 + threshold, 0, 255);
      bytes[o + 1] = clamp(at(green, i) * 255 + threshold, 0, 255);
      bytes[o + 2] = clamp(at(blue, i) * 255 + threshold, 0, 255);
    }
  }
  return bytes;
};

/** The Bayer matrix by bit interleaving, centred so that exact levels stay exact: (0, 1). */
const bayer8 = (x: number, y: number): number => {
  const mixed = x ^ y;
  const rank =
    ((mixed & 1) << 5) |
    ((y & 1) << 4) |
    ((mixed & 2) << 2) |
    ((y & 2) << 1) |
    ((mixed & 4) >> 1) |
    ((y & 4) >> 2);
  return (rank + 0.5) / 64;
};
