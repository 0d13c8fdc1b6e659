import { ImageError } from '../../../common/errors/errors.js';
import { sharp } from '../../../imaging/sharp.js';
import { type DominantColour, findDominantColours } from './dominant-colours.js';
import { toLab } from './named-colours.js';

/** What can be measured in a photo without understanding it. Shares and levels are 0 to 1. */
export interface PhotoStatistics {
  /** Mean luma of the whole photo. */
  readonly brightness: number;
  /** Standard deviation of luma. */
  readonly contrast: number;
  /** Red minus blue, relative to luma: above 0 is warm light or warm surfaces, below 0 cool. */
  readonly warmth: number;
  /** Mean distance from grey. */
  readonly saturation: number;
  /** Share of blown-out pixels: lamps, windows, glare. */
  readonly highlightShare: number;
  /** Share of edge pixels in the half where shelves and walls usually are. */
  readonly upperClutter: number;
  /** Share of edge pixels in the half where the desk top usually is. */
  readonly lowerClutter: number;
  /** Share of calm cells in the lower half: an estimate of the surface that is free. */
  readonly freeSurface: number;
  /** Share of saturated green pixels: leaves, mostly. */
  readonly greenShare: number;
  /** Mean luma of the right third minus that of the left third. */
  readonly lightBalance: number;
  /** Largest first, 1 to 4. */
  readonly colours: readonly DominantColour[];
}

interface Raster {
  readonly width: number;
  readonly height: number;
  readonly red: (index: number) => number;
  readonly green: (index: number) => number;
  readonly blue: (index: number) => number;
  /** 0 to 1 per pixel. */
  readonly luma: Float32Array;
}

/** Enough to tell a tidy desk from a full one; fine texture such as wood grain is averaged away. */
const LONG_SIDE = 192;
/** Step of luma between neighbours that counts as an edge. */
const EDGE_STEP = 0.08;
const HIGHLIGHT_LUMA = 0.96;
const CELL = 12;
/** A cell with more edge pixels than this has something standing or lying in it. */
const CALM_CELL_EDGES = 0.1;
/** Every third pixel is plenty for the colours and keeps the event loop free. */
const COLOUR_STRIDE = 3;

const average = (values: Iterable<number>): number => {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += value;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
};

const readRaster = async (image: Buffer): Promise<Raster> => {
  const { data, info } = await sharp(image)
    .resize(LONG_SIDE, LONG_SIDE, { fit: 'inside' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new ImageError('image_unreadable', 'The photo could not be decoded.', { cause });
    });
  const at = (index: number, channel: number): number => data[index * info.channels + channel] ?? 0;
  const red = (index: number): number => at(index, 0);
  const green = (index: number): number => at(index, 1);
  const blue = (index: number): number => at(index, 2);
  const luma = Float32Array.from(
    { length: info.width * info.height },
    (_, index) => (0.299 * red(index) + 0.587 * green(index) + 0.114 * blue(index)) / 255,
  );
  return { width: info.width, height: info.height, red, green, blue, luma };
};

/** 1 where luma steps to the right or downwards, else 0. */
const findEdges = ({ width, height, luma }: Raster): Uint8Array => {
  const edges = new Uint8Array(luma.length);
  for (let y = 0; y < height - 1; y += 1) {
    for (let x = 0; x < width - 1; x += 1) {
      const here = y * width + x;
      const value = luma[here] ?? 0;
      const squaredStep =
        ((luma[here + 1] ?? 0) - value) ** 2 + ((luma[here + width] ?? 0) - value) ** 2;
      edges[here] = squaredStep > EDGE_STEP ** 2 ? 1 : 0;
    }
  }
  return edges;
};

const measureFreeSurface = ({ width, height }: Raster, edges: Uint8Array): number => {
  const cells: number[] = [];
  for (let top = Math.floor(height / 2); top < height; top += CELL) {
    for (let left = 0; left < width; left += CELL) {
      const inCell: number[] = [];
      for (let y = top; y < Math.min(top + CELL, height); y += 1) {
        inCell.push(
          average(edges.subarray(y * width + left, y * width + Math.min(left + CELL, width))),
        );
      }
      cells.push(average(inCell) <= CALM_CELL_EDGES ? 1 : 0);
    }
  }
  return average(cells);
};

const measureLightBalance = ({ width, luma }: Raster): number => {
  const third = width / 3;
  const left = average(luma.filter((_, index) => index % width < third));
  const right = average(luma.filter((_, index) => index % width >= width - third));
  return right - left;
};

const measureColours = (
  raster: Raster,
): Pick<PhotoStatistics, 'saturation' | 'greenShare' | 'colours'> => {
  const pixels = [];
  for (let index = 0; index < raster.luma.length; index += COLOUR_STRIDE) {
    pixels.push(toLab(raster.red(index), raster.green(index), raster.blue(index)));
  }
  // Chroma 60 is about as colourful as painted or woven things get.
  const saturation = Math.min(1, average(pixels.map(({ a, b }) => Math.sqrt(a * a + b * b))) / 60);
  const isGreen = ({ l, a, b }: { l: number; a: number; b: number }): boolean =>
    l > 12 && a < -9 && b > 6 && b < -3 * a;
  return {
    saturation,
    greenShare: average(pixels.map((pixel) => (isGreen(pixel) ? 1 : 0))),
    colours: findDominantColours(pixels),
  };
};

const measureLight = (
  raster: Raster,
): Pick<
  PhotoStatistics,
  'brightness' | 'contrast' | 'warmth' | 'highlightShare' | 'lightBalance'
> => {
  const { luma } = raster;
  const brightness = average(luma);
  const variance = average(luma.map((value) => (value - brightness) ** 2));
  const redMinusBlue =
    average(luma.map((_, index) => raster.red(index) - raster.blue(index))) / 255;
  return {
    brightness,
    contrast: Math.sqrt(variance),
    // The floor keeps noise in a nearly black photo from looking like strongly coloured light.
    warmth: redMinusBlue / Math.max(brightness, 0.15),
    highlightShare: average(luma.map((value) => (value >= HIGHLIGHT_LUMA ? 1 : 0))),
    lightBalance: measureLightBalance(raster),
  };
};

/**
 * Measures a photo that is already upright. The same bytes give the same numbers.
 *
 * @throws ImageError `image_unreadable` when the file cannot be decoded
 */
export const measurePhoto = async (image: Buffer): Promise<PhotoStatistics> => {
  const raster = await readRaster(image);
  const edges = findEdges(raster);
  const middle = Math.floor(raster.height / 2) * raster.width;
  return {
    ...measureLight(raster),
    ...measureColours(raster),
    upperClutter: average(edges.subarray(0, middle)),
    lowerClutter: average(edges.subarray(middle)),
    freeSurface: measureFreeSurface(raster, edges),
  };
};
