import { gaussianBlur } from './blur.js';
import { type Flow, smoothAlongFlow } from './flow.js';
import { at, createPlane, mix, type Plane, type Raster } from './raster.js';

export interface InkOptions {
  /** Half the thickness of a line, in pixels. */
  readonly sigma: number;
  /** Luma step below which nothing is inked. */
  readonly threshold: number;
  /** From soft pencil (about 40) to hard ink (about 300). */
  readonly sharpness: number;
  /** How far a line is followed to both sides, in pixels. */
  readonly followPx: number;
}

/**
 * Ink coverage from 0 (paper) to 1 (line): difference of Gaussians, followed along the edges and
 * thresholded softly. After Kang et al. 2007, "Coherent Line Drawing", with the soft threshold of
 * Winnemöller 2011, "XDoG".
 */
export const inkLines = (luma: Plane, flow: Flow, options: InkOptions): Plane => {
  const { width, height } = flow;
  const narrow = gaussianBlur(luma, width, height, options.sigma);
  const wide = gaussianBlur(luma, width, height, options.sigma * 1.6);
  const response = createPlane(luma.length);
  for (let i = 0; i < response.length; i++) {
    // Dark places carry less contrast than they seem to: weigh by the local level.
    response[i] = (at(wide, i) - at(narrow, i)) / (0.35 + at(wide, i));
  }
  const [followed] = smoothAlongFlow([response], flow, options.followPx);
  return (followed ?? response).map((value) =>
    value <= options.threshold ? 0 : 1 - Math.exp(-options.sharpness * (value - options.threshold)),
  );
};

/** Nearly black, a little violet: pure black looks printed, not inked. */
const INK = { red: 0.075, green: 0.06, blue: 0.1 } as const;

export const drawInk = ({ red, green, blue }: Raster, coverage: Plane): void => {
  for (let i = 0; i < coverage.length; i++) {
    const cover = at(coverage, i);
    red[i] = mix(at(red, i), INK.red, cover);
    green[i] = mix(at(green, i), INK.green, cover);
    blue[i] = mix(at(blue, i), INK.blue, cover);
  }
};
