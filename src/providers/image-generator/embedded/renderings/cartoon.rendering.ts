import { correctPhoto } from '../correct-photo.js';
import { smoothKeepingEdges } from '../edge-aware.js';
import { drawInk, inkLines } from '../edges.js';
import { edgeFlow, smoothRasterAlongFlow } from '../flow.js';
import { kuwahara } from '../kuwahara.js';
import { addVibrance } from '../light.js';
import { celShade } from '../posterise.js';
import { noisePlane, type Random } from '../random.js';
import { type Raster, scaleOf, toLuma } from '../raster.js';

/** Cel animation: flat fills in a few steps of light, saturated colour, flowing ink lines. */
export const renderCartoon = (photo: Raster, random: Random): Raster => {
  correctPhoto(photo, { target: 0.58, detail: 1.3 });
  const { width, height } = photo;
  const scale = Math.max(scaleOf(photo), 0.4);
  const calm = smoothKeepingEdges(photo, { spatialSigma: 14 * scale, rangeSigma: 0.22 });
  const luma = toLuma(calm);
  const flow = edgeFlow(luma, width, height, 2.6 * scale);
  const followPx = Math.max(3, Math.round(6 * scale));
  const fills = smoothRasterAlongFlow(kuwahara(calm, 4 * scale), flow, followPx);
  // The steps of light wander a little, as if cut by hand; the seed decides where.
  celShade(fills, noisePlane(width, height, 110 * scale, random));
  addVibrance(fills, 0.85);
  const lines = inkLines(luma, flow, {
    sigma: 1.7 * scale,
    threshold: 0.013,
    sharpness: 110,
    followPx,
  });
  drawInk(fills, lines);
  return fills;
};
