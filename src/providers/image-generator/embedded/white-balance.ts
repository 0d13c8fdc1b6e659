import { toLinear } from './colour.js';
import { at, clamp, mix, type Raster } from './raster.js';

/** Factors on gamma-encoded channels. */
export interface ChannelGains {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** A photo is judged by about this many of its pixels. */
const SAMPLES = 60_000;
/** Log gain, in linear light, beyond which a cast is rather the colour of the room. */
const MAX_LOG_GAIN = 1.1;
/** Share of the measured cast that is taken out: evening light may stay evening light. */
const STRENGTH = 0.85;
/** Linear light to gamma-encoded values, near enough for a gain. */
const GAMMA = 2.2;

/**
 * Gains that neutralise the colour of the light, or almost 1 where there is no sign of a cast.
 *
 * Two guesses are asked: the grey world (the average of a scene is grey, Buchsbaum 1980) and the
 * white patch (its brightest places are white, Land 1977). One alone is fooled by a wooden desk
 * or by a coloured screen, so only what both agree on is taken out in full.
 */
export const measureWhiteBalance = (raster: Raster): ChannelGains => {
  const { world, patch } = measureLight(raster);
  const red = agreed(Math.log(world[1] / world[0]), Math.log(patch[1] / patch[0]));
  const blue = agreed(Math.log(world[1] / world[2]), Math.log(patch[1] / patch[2]));
  const gain = (log: number): number =>
    Math.exp((STRENGTH * clamp(log, -MAX_LOG_GAIN, MAX_LOG_GAIN)) / GAMMA);
  const gains = { red: gain(red), green: 1, blue: gain(blue) };
  // Only the colour is to change here, not the brightness.
  const level = 0.3 * gains.red + 0.6 * gains.green + 0.1 * gains.blue;
  return { red: gains.red / level, green: gains.green / level, blue: gains.blue / level };
};

/**
 * A pixel may become neutral, never turn to the opposite colour: white things right under the
 * lamp would otherwise come out blue. So the gains fade out with the cast the pixel itself shows.
 */
export const applyGains = ({ red, green, blue }: Raster, gains: ChannelGains): void => {
  const towards = gains.blue > gains.red ? 1 : -1;
  const cast = 1 - Math.min(gains.red, gains.blue) / Math.max(gains.red, gains.blue) + 1e-3;
  for (let i = 0; i < red.length; i++) {
    const r = at(red, i);
    const b = at(blue, i);
    const own = (towards * (r - b)) / (Math.max(r, b) + 1e-3);
    const share = clamp(own / cast, 0, 1);
    red[i] = shoulder(r * mix(1, gains.red, share));
    green[i] = shoulder(at(green, i) * mix(1, gains.green, share));
    blue[i] = shoulder(b * mix(1, gains.blue, share));
  }
};

/** Bends what a gain pushes towards the limit, instead of cutting it into a coloured patch. */
const shoulder = (value: number): number =>
  value <= 0.9 ? value : 0.9 + 0.1 * (1 - Math.exp((0.9 - value) / 0.1));

type Light = [number, number, number];

const measureLight = ({ red, green, blue }: Raster): { world: Light; patch: Light } => {
  const stride = Math.max(1, Math.floor(red.length / SAMPLES));
  const world: Light = [1e-4, 1e-4, 1e-4];
  const patch: Light = [1e-4, 1e-4, 1e-4];
  for (let i = 0; i < red.length; i += stride) {
    const light: Light = [toLinear(at(red, i)), toLinear(at(green, i)), toLinear(at(blue, i))];
    const brightest = Math.max(...light);
    // A clipped channel says nothing about colour, nor does the noise in the dark.
    if (brightest > 0.96 || brightest < 0.004) {
      continue;
    }
    // Strong colours are things, weak colours are light.
    const saturation = 1 - Math.min(...light) / brightest;
    const weight = 1 / (1 + (saturation / 0.5) ** 4);
    add(world, light, weight / (brightest + 0.05));
    // A sixth power stands in for "the brightest" without hanging on single pixels
    // (shades of grey, Finlayson & Trezzi 2004).
    add(patch, light, weight * brightest ** 3);
  }
  return { world, patch };
};

const add = (sum: Light, light: Light, weight: number): void => {
  sum[0] += light[0] * weight;
  sum[1] += light[1] * weight;
  sum[2] += light[2] * weight;
};

const agreed = (first: number, second: number): number => {
  if (first * second <= 0) {
    return (first + second) * 0.15;
  }
  const [small, large] = Math.abs(first) < Math.abs(second) ? [first, second] : [second, first];
  return small + (large - small) * 0.25;
};
