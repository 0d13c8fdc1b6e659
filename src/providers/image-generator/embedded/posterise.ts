import { at, clamp, mix, type Plane, type Raster, smoothStep, toLuma } from './raster.js';

/** Steps of light of a painted cel: deep shade, shade, half light, light, gleam. */
const CEL_LEVELS = [0.1, 0.28, 0.48, 0.68, 0.86, 0.97] as const;
/** Width of the soft border between two steps; a hard one would crawl with noise. */
const BORDER = 0.012;

/**
 * Soft luminance quantisation (Winnemöller et al. 2006, "Real-time video abstraction"): light in
 * few steps, hue untouched. `wander` (-1 to 1) moves the borders a little from place to place.
 */
export const celShade = (raster: Raster, wander: Plane): void => {
  const luma = toLuma(raster);
  const { red, green, blue } = raster;
  for (let i = 0; i < luma.length; i++) {
    const own = at(luma, i);
    const stepped = celLevel(own + 0.018 * at(wander, i));
    // Bright walls keep their gradient: steps would look like clouds on them.
    const wanted = mix(own, stepped, 0.88 - 0.7 * smoothStep(0.5, 0.75, own));
    const ratio = (wanted + 0.02) / (own + 0.02);
    red[i] = clamp(at(red, i) * ratio, 0, 1);
    green[i] = clamp(at(green, i) * ratio, 0, 1);
    blue[i] = clamp(at(blue, i) * ratio, 0, 1);
  }
};

const celLevel = (luma: number): number => {
  let level: number = CEL_LEVELS[0];
  for (let step = 1; step < CEL_LEVELS.length; step++) {
    const below = CEL_LEVELS[step - 1] as number;
    const above = CEL_LEVELS[step] as number;
    const border = (below + above) / 2;
    level += (above - below) * smoothStep(border - BORDER, border + BORDER, luma);
  }
  return level;
};
