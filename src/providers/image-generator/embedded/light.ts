import { gaussianBlur } from './blur.js';
import { between, type Random } from './random.js';
import {
  at,
  clamp,
  LUMA_BLUE,
  LUMA_GREEN,
  LUMA_RED,
  type Raster,
  scaleOf,
  smoothStep,
  toLuma,
} from './raster.js';

/** A soft window: where it stands (fractions of width and height), and how much it gives. */
export interface WindowLight {
  readonly x: number;
  readonly y: number;
  readonly reach: number;
  readonly strength: number;
}

/** The seed chooses from where the light falls in: above left, above, above right. */
export const drawWindowLight = (random: Random): WindowLight => ({
  x: between(random, -0.05, 1.05),
  y: between(random, -0.1, 0.25),
  reach: between(random, 0.75, 1.05),
  strength: between(random, 0.85, 1.15),
});

/**
 * Warm light on the half that faces the window and a hint of falloff away from it. Works on
 * what is already there (a gain, not a veil), so blacks stay black.
 */
export const addWarmLight = (raster: Raster, light: WindowLight, warmth: number): void => {
  const { width, height, red, green, blue } = raster;
  const aspect = height / width;
  for (let y = 0, i = 0; y < height; y++) {
    const dy = (y / height - light.y) * aspect;
    for (let x = 0; x < width; x++, i++) {
      const dx = x / width - light.x;
      const distance = Math.sqrt(dx * dx + dy * dy) / light.reach;
      const glow = 1 / (1 + distance * distance * 1.6);
      const r = at(red, i);
      const g = at(green, i);
      const b = at(blue, i);
      const luma = LUMA_RED * r + LUMA_GREEN * g + LUMA_BLUE * b;
      // Near the window only what is not yet white gains, so bright walls glow instead of clipping.
      const push = light.strength * (0.44 * glow - 0.16);
      const gain = 1 + (push > 0 ? push * (1 - luma * luma) : push * 0.8);
      const warm = warmth * (0.45 + 0.55 * glow) * smoothStep(0.02, 0.45, luma);
      red[i] = clamp(r * gain * (1 + 0.045 * warm * (1 - r)), 0, 1);
      green[i] = clamp(g * gain * (1 - 0.014 * warm), 0, 1);
      blue[i] = clamp(b * gain * (1 - 0.06 * warm), 0, 1);
    }
  }
};

/** Light spilling over from lamps, windows and screens: a wide blur of the highlights, screened on. */
export const addGlow = (raster: Raster, amount: number): void => {
  const { width, height, red, green, blue } = raster;
  const bright = toLuma(raster).map((value) => smoothStep(0.72, 1, value));
  const spill = gaussianBlur(bright, width, height, 34 * scaleOf(raster));
  for (let i = 0; i < spill.length; i++) {
    const share = at(spill, i) * amount;
    red[i] = 1 - (1 - at(red, i)) * (1 - share);
    green[i] = 1 - (1 - at(green, i)) * (1 - share * 0.9);
    blue[i] = 1 - (1 - at(blue, i)) * (1 - share * 0.72);
  }
};

/** Vibrance: weak colours gain more than strong ones, so wood glows and screens do not burn. */
export const addVibrance = ({ red, green, blue }: Raster, amount: number): void => {
  for (let i = 0; i < red.length; i++) {
    const r = at(red, i);
    const g = at(green, i);
    const b = at(blue, i);
    const luma = LUMA_RED * r + LUMA_GREEN * g + LUMA_BLUE * b;
    const chroma = Math.max(r, g, b) - Math.min(r, g, b);
    const gain = 1 + amount * (1 - chroma);
    red[i] = clamp(luma + (r - luma) * gain, 0, 1);
    green[i] = clamp(luma + (g - luma) * gain, 0, 1);
    blue[i] = clamp(luma + (b - luma) * gain, 0, 1);
  }
};

/** Unsharp mask on luma, limited so that hard edges do not ring. */
export const sharpen = (raster: Raster, amount: number): void => {
  const { width, height, red, green, blue } = raster;
  const luma = toLuma(raster);
  const soft = gaussianBlur(luma, width, height, Math.max(0.7, 1.1 * scaleOf(raster)));
  for (let i = 0; i < luma.length; i++) {
    const change = clamp((at(luma, i) - at(soft, i)) * amount, -0.05, 0.05);
    red[i] = clamp(at(red, i) + change, 0, 1);
    green[i] = clamp(at(green, i) + change, 0, 1);
    blue[i] = clamp(at(blue, i) + change, 0, 1);
  }
};
