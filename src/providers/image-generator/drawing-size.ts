export interface Size {
  readonly width: number;
  readonly height: number;
}

/** GPT Image 2 and later: facts section 1 (openai resources/images.d.ts, `size`). */
const EDGE_STEP = 16;
const MAX_EDGE = 3_840;
const MIN_PIXELS = 655_360;
const MAX_PIXELS = 8_294_400;
const MAX_RATIO = 3;

const LANDSCAPE: Size = { width: 1_536, height: 1_024 };
const PORTRAIT: Size = { width: 1_024, height: 1_536 };
const SQUARE: Size = { width: 1_024, height: 1_024 };
const FIXED_SIZES = [SQUARE, LANDSCAPE, PORTRAIT] as const;
const DALLE_3_SIZES = [
  SQUARE,
  { width: 1_792, height: 1_024 },
  { width: 1_024, height: 1_792 },
] as const;

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));

const toStep = (edge: number, step: number): number =>
  Math.max(step, Math.round(edge / step) * step);

/** Proportions are compared as factors: 2:1 is as far from 1:1 as 1:2 is. */
const nearest = ({ width, height }: Size, sizes: readonly [Size, ...Size[]]): Size => {
  const distance = (size: Size): number =>
    Math.abs(Math.log((size.width * height) / (size.height * width)));
  return sizes.reduce((best, size) => (distance(size) < distance(best) ? size : best));
};

/** About `targetPixels` in the photo's proportions, with edges that are multiples of `step`. */
export const scaledSize = (photo: Size, targetPixels: number, step: number): Size => {
  const scale = Math.sqrt(targetPixels / (photo.width * photo.height));
  return { width: toStep(photo.width * scale, step), height: toStep(photo.height * scale, step) };
};

/** The photo's proportions within the documented bounds: 1:3 to 3:1, edge, least and most pixels. */
const freeSize = (photo: Size, targetPixels: number): Size => {
  const pixels = clamp(targetPixels, MIN_PIXELS, MAX_PIXELS);
  const ratio = clamp(photo.width / photo.height, 1 / MAX_RATIO, MAX_RATIO);
  const size = scaledSize({ width: ratio, height: 1 }, pixels, EDGE_STEP);
  // Rounding may step over a bound by one step; these bring it back.
  let { width, height } = size;
  while (width > height * MAX_RATIO) width -= EDGE_STEP;
  while (height > width * MAX_RATIO) height -= EDGE_STEP;
  while (width * height < MIN_PIXELS) {
    if (width <= height) width += EDGE_STEP;
    else height += EDGE_STEP;
  }
  while (width * height > MAX_PIXELS) {
    if (width >= height) width -= EDGE_STEP;
    else height -= EDGE_STEP;
  }
  return { width: Math.min(width, MAX_EDGE), height: Math.min(height, MAX_EDGE) };
};

const HAS_FIXED_SIZES = /^(?:gpt-image-1|chatgpt-image)/;

/** Size to ask a model for, by what its family takes. */
export const sizeForModel = (model: string, photo: Size, targetPixels: number): Size => {
  if (model.startsWith('dall-e-2')) return SQUARE;
  if (model.startsWith('dall-e-')) return nearest(photo, DALLE_3_SIZES);
  if (HAS_FIXED_SIZES.test(model)) return nearest(photo, FIXED_SIZES);
  return freeSize(photo, targetPixels);
};

export const toSizeText = ({ width, height }: Size): `${number}x${number}` => `${width}x${height}`;
