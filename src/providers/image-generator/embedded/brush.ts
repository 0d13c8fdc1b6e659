import { type Flow } from './flow.js';
import { between, type Random } from './random.js';
import { at, clamp, createPlane, mix, type Plane, type Raster } from './raster.js';

/** A picture being painted: colour, and how thick the paint lies. */
export interface Canvas {
  readonly colour: Raster;
  readonly height: Plane;
}

export interface Brush {
  /** Half the width of a stroke, in pixels. */
  readonly radius: number;
  /** Longest stroke, in pixels. */
  readonly length: number;
  /** Distance between neighbouring strokes, in pixels. */
  readonly spacing: number;
  /** Colour difference (summed over the channels) that is worth another stroke. */
  readonly tolerance: number;
  /** How much the colour of a stroke may stray. */
  readonly colourJitter: number;
}

interface Stroke {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/**
 * One layer of brush strokes that follow the shapes: strokes begin where the canvas differs from
 * the model, run along its edges and end where their colour would no longer fit. After Hertzmann
 * 1998, "Painterly Rendering with Curved Brush Strokes of Multiple Sizes".
 */
export const paintLayer = (
  canvas: Canvas,
  model: Raster,
  flow: Flow,
  brush: Brush,
  random: Random,
): void => {
  for (const start of strokeStarts(model, brush, random)) {
    if (difference(canvas.colour, model, start) < brush.tolerance) {
      continue;
    }
    paintStroke(
      canvas,
      traceStroke(canvas.colour, model, flow, start, brush, random),
      brush,
      random,
    );
  }
};

/** A jittered grid in shuffled order, so that no row of strokes covers its neighbours like tiles. */
const strokeStarts = ({ width, height }: Raster, { spacing }: Brush, random: Random): number[] => {
  const starts: number[] = [];
  for (let y = spacing / 2; y < height; y += spacing) {
    for (let x = spacing / 2; x < width; x += spacing) {
      const px = clamp(Math.floor(x + between(random, -0.5, 0.5) * spacing), 0, width - 1);
      const py = clamp(Math.floor(y + between(random, -0.5, 0.5) * spacing), 0, height - 1);
      starts.push(py * width + px);
    }
  }
  for (let i = starts.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [starts[i], starts[j]] = [starts[j] as number, starts[i] as number];
  }
  return starts;
};

const difference = (first: Raster, second: Raster, i: number): number =>
  Math.abs(at(first.red, i) - at(second.red, i)) +
  Math.abs(at(first.green, i) - at(second.green, i)) +
  Math.abs(at(first.blue, i) - at(second.blue, i));

const traceStroke = (
  painted: Raster,
  model: Raster,
  flow: Flow,
  start: number,
  brush: Brush,
  random: Random,
): Stroke => {
  const { width, height } = model;
  const red = at(model.red, start);
  const green = at(model.green, start);
  const blue = at(model.blue, start);
  const xs = [start % width];
  const ys = [Math.floor(start / width)];
  const longest = brush.length * between(random, 0.6, 1.2);
  const sign = random() < 0.5 ? -1 : 1;
  let dx = at(flow.x, start) * sign;
  let dy = at(flow.y, start) * sign;
  let x = (xs[0] as number) + 0.5;
  let y = (ys[0] as number) + 0.5;
  for (let run = 0; run < longest; run++) {
    x += dx;
    y += dy;
    if (x < 0 || y < 0 || x >= width || y >= height) {
      break;
    }
    const i = (y | 0) * width + (x | 0);
    const misfit =
      Math.abs(at(model.red, i) - red) +
      Math.abs(at(model.green, i) - green) +
      Math.abs(at(model.blue, i) - blue);
    if (run > brush.radius && misfit > difference(painted, model, i) + brush.tolerance * 0.5) {
      break;
    }
    const turn = at(flow.x, i) * dx + at(flow.y, i) * dy < 0 ? -1 : 1;
    // A brush has inertia: it bends into the flow, it does not jump.
    dx = mix(dx, at(flow.x, i) * turn, 0.35);
    dy = mix(dy, at(flow.y, i) * turn, 0.35);
    const length = Math.sqrt(dx * dx + dy * dy) + 1e-6;
    dx /= length;
    dy /= length;
    xs.push(x);
    ys.push(y);
  }
  const light = between(random, -1, 1) * brush.colourJitter;
  const warmth = between(random, -0.5, 0.5) * brush.colourJitter;
  return { xs, ys, red: red + light + warmth, green: green + light, blue: blue + light - warmth };
};

/** Pulls a row of bristles along the path; each carries its own paint and lifts off at its own end. */
const paintStroke = (canvas: Canvas, stroke: Stroke, brush: Brush, random: Random): void => {
  const { xs } = stroke;
  const bristles = Math.max(3, Math.ceil(brush.radius * 2 * 1.3));
  const body = between(random, 0.35, 0.75);
  for (let bristle = 0; bristle < bristles; bristle++) {
    const across = (bristle / (bristles - 1)) * 2 - 1;
    const offset = across * brush.radius;
    const round = 1 - across * across;
    // Outer bristles touch later and leave earlier, which gives the stroke its rounded ends.
    const lag = brush.radius * (0.9 * (1 - Math.sqrt(round)) + 0.5 * random());
    const tint = between(random, -0.022, 0.022);
    const thickness = body * (0.45 + 0.55 * random()) * (0.4 + 0.6 * round);
    const cover = across < -0.9 || across > 0.9 ? 0.6 : 0.94;
    const end = xs.length - lag;
    for (let step = lag | 0; step < end; step++) {
      drop(canvas, stroke, step, offset, cover, tint, thickness);
    }
  }
};

const drop = (
  { colour, height: paint }: Canvas,
  { xs, ys, red, green, blue }: Stroke,
  step: number,
  offset: number,
  cover: number,
  tint: number,
  thickness: number,
): void => {
  const before = step > 0 ? step - 1 : step;
  const after = step < xs.length - 1 ? step + 1 : step;
  let dx = (xs[after] as number) - (xs[before] as number);
  let dy = (ys[after] as number) - (ys[before] as number);
  const length = Math.sqrt(dx * dx + dy * dy) + 1e-6;
  dx /= length;
  dy /= length;
  const x = ((xs[step] as number) - dy * offset) | 0;
  const y = ((ys[step] as number) + dx * offset) | 0;
  if (x < 0 || y < 0 || x >= colour.width || y >= colour.height) {
    return;
  }
  const i = y * colour.width + x;
  colour.red[i] = mix(at(colour.red, i), red + tint, cover);
  colour.green[i] = mix(at(colour.green, i), green + tint, cover);
  colour.blue[i] = mix(at(colour.blue, i), blue + tint, cover);
  paint[i] = mix(at(paint, i), thickness, cover);
};

export const createCanvas = (ground: Raster): Canvas => ({
  colour: ground,
  height: createPlane(ground.red.length),
});

/** Light grazing over the paint from above left: ridges catch it, grooves fall into shade. */
export const lightPaint = ({ colour, height }: Canvas, relief: Plane, amount: number): void => {
  const { width, red, green, blue } = colour;
  for (let i = width + 1; i < height.length; i++) {
    const slope = at(relief, i) - at(relief, i - 1) + 1.3 * (at(relief, i) - at(relief, i - width));
    const shade = clamp(slope * amount, -0.11, 0.11);
    red[i] = clamp(at(red, i) + shade, 0, 1);
    green[i] = clamp(at(green, i) + shade, 0, 1);
    blue[i] = clamp(at(blue, i) + shade * 0.92, 0, 1);
  }
};
