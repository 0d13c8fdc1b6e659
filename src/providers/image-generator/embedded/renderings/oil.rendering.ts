import { gaussianBlur, gaussianBlurRaster } from '../blur.js';
import { createCanvas, lightPaint, paintLayer } from '../brush.js';
import { correctPhoto } from '../correct-photo.js';
import { edgeFlow } from '../flow.js';
import { kuwahara } from '../kuwahara.js';
import { addVibrance, addWarmLight, drawWindowLight } from '../light.js';
import { noisePlane, type Random } from '../random.js';
import { at, clamp, type Raster, scaleOf, toLuma } from '../raster.js';

/** Brush sizes at 1536 px, from the underpainting to the details. */
const LAYERS = [
  { radius: 13, length: 95, tolerance: 0, colourJitter: 0.035 },
  { radius: 6.5, length: 52, tolerance: 0.07, colourJitter: 0.03 },
  { radius: 3, length: 26, tolerance: 0.1, colourJitter: 0.02 },
  { radius: 1.5, length: 13, tolerance: 0.17, colourJitter: 0.01 },
] as const;

/** Oil on canvas: strokes along the shapes in four brush sizes, thick paint under raking light. */
export const renderOil = (photo: Raster, random: Random): Raster => {
  correctPhoto(photo, { target: 0.54, detail: 1.1 });
  addVibrance(photo, 0.45);
  addWarmLight(photo, drawWindowLight(random), 1.2);
  const { width, height } = photo;
  // Small photos need strokes that are still wider than a pixel.
  const scale = Math.max(scaleOf(photo), 0.3);
  const model = kuwahara(photo, Math.max(2, 3 * scale));
  const flow = edgeFlow(toLuma(model), width, height, 5 * scale);
  const canvas = createCanvas(gaussianBlurRaster(model, 10 * scale));
  for (const { radius, length, ...look } of LAYERS) {
    const size = radius * scale;
    const brush = {
      ...look,
      radius: size,
      length: length * scale,
      spacing: Math.max(2, size * 1.4),
    };
    paintLayer(canvas, gaussianBlurRaster(model, size * 0.35), flow, brush, random);
  }
  const weave = noisePlane(width, height, 2.6 * Math.max(scale, 0.7), random);
  const relief = gaussianBlur(canvas.height, width, height, 0.8);
  for (let i = 0; i < relief.length; i++) {
    relief[i] = at(relief, i) + 0.035 * at(weave, i);
  }
  // Strokes of a few pixels would turn into stucco under the full light.
  lightPaint(canvas, relief, 0.34 * clamp(1.6 * scale, 0.6, 1));
  return canvas.colour;
};
