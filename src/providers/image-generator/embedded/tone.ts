import { smoothKeepingEdges } from './edge-aware.js';
import { at, clamp, mix, type Plane, type Raster, scaleOf, smoothStep, toLuma } from './raster.js';

/** What a photo's histogram asks for. */
export interface Exposure {
  /** Luma that becomes black, and luma that becomes white. */
  readonly black: number;
  readonly white: number;
  /** Exponent that brings the middle tones to their target; below 1 it brightens. */
  readonly gamma: number;
}

export interface ToneOptions {
  /** Luma that the middle of the picture moves towards. */
  readonly target: number;
  /** 1 keeps local contrast as it is. */
  readonly detail: number;
}

const BINS = 256;
/** Below this the curve is a line: a power is infinitely steep in black and blows up JPEG's blocks. */
const TOE = 0.04;

export const measureExposure = (luma: Plane, target: number): Exposure => {
  const histogram = new Uint32Array(BINS);
  for (const value of luma) {
    const bin = clamp(value * BINS, 0, BINS - 1) | 0;
    histogram[bin] = (histogram[bin] as number) + 1;
  }
  // The stretch is bounded: fog stays a little foggy, and a night does not turn into noise.
  const black = 0.8 * Math.min(percentile(histogram, 0.006), 0.09);
  const white = Math.max(percentile(histogram, 0.992), 0.72);
  const middle = clamp(
    (percentile(histogram, 0.5) + percentile(histogram, 0.35) + percentile(histogram, 0.65)) / 3,
    0.02,
    0.95,
  );
  const stretched = clamp((middle - black) / (white - black), 0.02, 0.97);
  const wanted = Math.log(target) / Math.log(stretched);
  // A dark picture is lifted most of the way, a bright one hardly held back.
  const gamma =
    wanted < 1 ? Math.max(mix(1, wanted, 0.9), 0.43) : Math.min(mix(1, wanted, 0.12), 1.05);
  return { black, white, gamma };
};

const percentile = (histogram: Uint32Array, share: number): number => {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (let bin = 0; bin < BINS; bin++) {
    seen += histogram[bin] as number;
    if (seen >= share * total) {
      return bin / (BINS - 1);
    }
  }
  return 1;
};

/**
 * Exposure by one curve for the whole picture, which cannot draw halos around lamps and screens;
 * the texture that the curve flattens is given back by raising the detail over an edge-keeping
 * base (Durand & Dorsey 2002).
 */
export const adjustTone = (raster: Raster, { target, detail }: ToneOptions): void => {
  const luma = toLuma(raster);
  const curve = toneCurve(measureExposure(luma, target));
  const lifted = luma.map(curve);
  const { width, height } = raster;
  const base = smoothKeepingEdges(
    { width, height, red: lifted, green: lifted, blue: lifted },
    { spatialSigma: 40 * scaleOf(raster), rangeSigma: 0.7 },
  ).red;
  for (let i = 0; i < luma.length; i++) {
    const own = at(lifted, i);
    // The darkest places would show their noise first.
    const share = (detail - 1) * smoothStep(0.03, 0.3, own);
    setLuma(raster, i, at(luma, i), softLimit(own + (own - at(base, i)) * share));
  }
};

/** Stretch, gamma, and a gentle S so that lifted pictures keep some depth. */
const toneCurve = ({ black, white, gamma }: Exposure): ((value: number) => number) => {
  const table = Array.from({ length: 1025 }, (_, step) => {
    const stretched = clamp((step / 1024 - black) / (white - black), 0, 1.08);
    // The exponent fades towards the highlights, which need no lift.
    const exponent = mix(gamma, 1, smoothStep(0.3, 0.95, stretched));
    const lifted = stretched < TOE ? stretched * TOE ** (exponent - 1) : stretched ** exponent;
    return lifted + 0.045 * Math.sin(2 * Math.PI * (lifted - 0.5)) * smoothStep(0, 0.25, lifted);
  });
  return (value) => table[clamp(value * 1024, 0, 1024) | 0] as number;
};

const softLimit = (value: number): number => {
  const low = value < 0.02 ? 0.02 * Math.exp((value - 0.02) / 0.02) : value;
  return low > 0.92 ? 0.92 + 0.08 * (1 - Math.exp((0.92 - low) / 0.08)) : low;
};

/** Moves one pixel to another luma, keeping its hue; saturation grows less than the light does. */
const setLuma = ({ red, green, blue }: Raster, i: number, own: number, wanted: number): void => {
  const ratio = clamp(wanted / (own + 0.004), 0, 6);
  // Deep shadows hold more colour noise than colour.
  const colour = (ratio > 1 ? ratio ** 0.65 : ratio) * smoothStep(-0.04, 0.1, own);
  red[i] = clamp(wanted + (at(red, i) - own) * colour, 0, 1);
  green[i] = clamp(wanted + (at(green, i) - own) * colour, 0, 1);
  blue[i] = clamp(wanted + (at(blue, i) - own) * colour, 0, 1);
};
