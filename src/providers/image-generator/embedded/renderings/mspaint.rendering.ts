import { type Colour, fromOklab, toOklab } from '../colour.js';
import { correctPhoto } from '../correct-photo.js';
import { removeSmallDetail } from '../edge-aware.js';
import { inkLines } from '../edges.js';
import { edgeFlow } from '../flow.js';
import { addVibrance } from '../light.js';
import { labelPixels, mainColours, nearest } from '../palette.js';
import { between, noisePlane, type Random } from '../random.js';
import {
  at,
  clamp,
  createRaster,
  mix,
  type Plane,
  type Raster,
  scaleOf,
  toLuma,
} from '../raster.js';
import { absorbCrumbs, majority } from '../regions.js';
import { enlarge, shrink } from '../resample.js';

/**
 * The colour box of MS Paint up to Windows XP, and four of the later one for wood and skin. Dark grey stands
 * in for black, which is left to the outlines.
 */
const COLOUR_BOX = [
  0x404040, 0x808080, 0x800000, 0x808000, 0x008000, 0x008080, 0x000080, 0x800080, 0x0080ff,
  0x8000ff, 0x804000, 0xffffff, 0xc0c0c0, 0xff0000, 0xffff00, 0x00ff00, 0x00ffff, 0x0000ff,
  0xff00ff, 0xffff80, 0x00ff80, 0x80ffff, 0x8080ff, 0xff0080, 0xff8040, 0xb97a57, 0xffc90e,
  0xefe4b0, 0x7092be,
].map((rgb) => toOklab([(rgb >> 16) / 255, ((rgb >> 8) & 255) / 255, (rgb & 255) / 255]));

/** For matching, hue counts more than lightness: greys stay grey and a dark plant stays green. */
const byHue = ([lightness, a, b]: Colour): Colour => [0.7 * lightness, 2.2 * a, 2.2 * b];

const COLOUR_BOX_BY_HUE = COLOUR_BOX.map(byHue);

const COLOURS = 14;
/** Side of a drawn pixel at 1536 px. */
const CELL = 3;

/** Drawn with the mouse: bucket fills in bright flat colours, black wobbly outlines, hard pixels. */
export const renderMspaint = (photo: Raster, random: Random): Raster => {
  correctPhoto(photo, { target: 0.6, detail: 1.1 });
  addVibrance(photo, 1.1);
  const cell = Math.max(1, Math.round(CELL * scaleOf(photo)));
  const small = shrink(photo, cell);
  const { width, height } = small;
  const unit = Math.max(width, height) / 512;
  const shapes = removeSmallDetail(
    small,
    1.1 * unit,
    { spatialSigma: 14 * unit, rangeSigma: 0.3 },
    3,
  );
  const own = mainColours(shapes, COLOURS, random, 1.8);
  let labels = labelPixels(shapes, own);
  labels = absorbCrumbs(majority(labels, width, height, COLOURS), width, height, 30 * unit * unit);
  const ink = outlines(shapes, unit);
  const drawing = draw(labels, own.map(brighten), ink, shapes, unit, random);
  return enlarge(drawing, cell, photo.width, photo.height);
};

/** Half the way to the colour box: bright and flat, yet still recognisably this desk. */
const brighten = (colour: Colour): Colour => {
  const target = COLOUR_BOX[nearest(byHue(colour), COLOUR_BOX_BY_HUE)] ?? colour;
  return fromOklab([
    mix(colour[0], target[0], 0.55),
    mix(colour[1] * 1.5, target[1], 0.55),
    mix(colour[2] * 1.5, target[2], 0.55),
  ]);
};

const outlines = (shapes: Raster, unit: number): Plane => {
  const luma = toLuma(shapes);
  return inkLines(luma, edgeFlow(luma, shapes.width, shapes.height, 2 * unit), {
    sigma: 1.5 * unit,
    threshold: 0.016,
    sharpness: 90,
    followPx: Math.max(3, Math.round(5 * unit)),
  });
};

/** Reads fills and outlines at shaken places, outlines more than fills: a hand on a mouse. */
const draw = (
  labels: Uint8Array,
  palette: readonly Colour[],
  ink: Plane,
  { width, height }: Raster,
  unit: number,
  random: Random,
): Raster => {
  const shakeX = noisePlane(width, height, 22 * unit, random);
  const shakeY = noisePlane(width, height, 22 * unit, random);
  const reach = between(random, 1.8, 2.3) * unit;
  const drawing = createRaster(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const dx = at(shakeX, i) * reach;
      const dy = at(shakeY, i) * reach;
      const fill = indexAt(x + dx, y + dy, width, height);
      const line = indexAt(x + dx * 1.5, y + dy * 1.5, width, height);
      const [red, green, blue] =
        at(ink, line) > 0.4 ? [0, 0, 0] : (palette[labels[fill] as number] ?? [0, 0, 0]);
      drawing.red[i] = red;
      drawing.green[i] = green;
      drawing.blue[i] = blue;
    }
  }
  return drawing;
};

const indexAt = (x: number, y: number, width: number, height: number): number =>
  clamp(Math.round(y), 0, height - 1) * width + clamp(Math.round(x), 0, width - 1);
