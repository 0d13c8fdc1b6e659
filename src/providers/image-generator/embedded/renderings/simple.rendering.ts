import { fromOklab, toOklab } from '../colour.js';
import { correctPhoto } from '../correct-photo.js';
import { smoothKeepingEdges } from '../edge-aware.js';
import { edgeFlow, smoothRasterAlongFlow } from '../flow.js';
import { kuwahara } from '../kuwahara.js';
import { addWarmLight, drawWindowLight } from '../light.js';
import { mainColours } from '../palette.js';
import { between, type Random } from '../random.js';
import { at, type Raster, scaleOf, toLuma } from '../raster.js';
import { createColourMap } from '../colour-map.js';

/** Less of everything: small things melt into calm shapes, a few muted colours, airy light. */
export const renderSimple = (photo: Raster, random: Random): Raster => {
  correctPhoto(photo, { target: 0.58, detail: 1 });
  const scale = Math.max(scaleOf(photo), 0.35);
  const melted = smoothKeepingEdges(photo, { spatialSigma: 30 * scale, rangeSigma: 0.4 });
  const shapes = kuwahara(melted, 7 * scale);
  const flow = edgeFlow(toLuma(shapes), photo.width, photo.height, 4 * scale);
  const sweeping = smoothRasterAlongFlow(shapes, flow, Math.max(3, Math.round(9 * scale)));
  const calm = smoothKeepingEdges(sweeping, { spatialSigma: 40 * scale, rangeSigma: 0.2 });
  mute(calm, random);
  addWarmLight(calm, drawWindowLight(random), 0.08);
  return calm;
};

/** Draws every colour towards the nearest main colours, lighter and paler than they were. */
const mute = (raster: Raster, random: Random): void => {
  const palette = mainColours(raster, 9, random, 1.5);
  const tint = between(random, -0.002, 0.002);
  const map = createColourMap((colour) => {
    const own = toOklab(colour);
    const sums = [0, 0, 0, 1e-9];
    for (const [l, a, b] of palette) {
      const distance = (own[0] - l) ** 2 + 2 * ((own[1] - a) ** 2 + (own[2] - b) ** 2);
      const weight = Math.exp(-distance / 0.0035);
      [l, a, b, 1].forEach((value, k) => (sums[k] = (sums[k] as number) + value * weight));
    }
    const [l, a, b] = sums.map((sum) => sum / (sums[3] as number)) as [number, number, number];
    const light = 0.06 + 0.93 * (0.45 * own[0] + 0.55 * l);
    return fromOklab([
      light,
      0.8 * (0.35 * own[1] + 0.65 * a) + tint,
      0.8 * (0.35 * own[2] + 0.65 * b) + 0.004,
    ]);
  });
  const { red, green, blue } = raster;
  for (let i = 0; i < red.length; i++) {
    map(at(red, i), at(green, i), at(blue, i), raster, i);
  }
};
