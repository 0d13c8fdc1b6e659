import { gaussianBlur } from './blur.js';
import { at, createPlane, type Plane, type Raster } from './raster.js';

/** Unit vectors along the edges of a picture: where a brush or a pen would run. */
export interface Flow {
  readonly width: number;
  readonly height: number;
  readonly x: Plane;
  readonly y: Plane;
  /** Gradient length (Sobel), 0 on flat areas. */
  readonly strength: Plane;
}

/**
 * The smaller eigenvector of the smoothed structure tensor (Brox et al. 2006), as used for
 * painterly filters by Kyprianidis & Kang 2011, "Image and video abstraction by anisotropic
 * Kuwahara filtering". On flat areas the direction of the surroundings goes on.
 */
export const edgeFlow = (luma: Plane, width: number, height: number, sigma: number): Flow => {
  const { xx, xy, yy, strength } = structureTensor(luma, width, height);
  const a = gaussianBlur(xx, width, height, sigma);
  const b = gaussianBlur(xy, width, height, sigma);
  const c = gaussianBlur(yy, width, height, sigma);
  const x = createPlane(luma.length);
  const y = createPlane(luma.length);
  for (let i = 0; i < luma.length; i++) {
    const difference = at(a, i) - at(c, i);
    const cross = at(b, i);
    const root = Math.sqrt(difference * difference + 4 * cross * cross);
    // Two forms of the same eigenvector: take the one that does not cancel out.
    const tx = difference > 0 ? -2 * cross : root - difference;
    const ty = difference > 0 ? difference + root : -2 * cross;
    const length = Math.sqrt(tx * tx + ty * ty);
    x[i] = length > 1e-9 ? tx / length : 1;
    y[i] = length > 1e-9 ? ty / length : 0;
  }
  return { width, height, x, y, strength };
};

const structureTensor = (
  luma: Plane,
  width: number,
  height: number,
): { xx: Plane; xy: Plane; yy: Plane; strength: Plane } => {
  const xx = createPlane(luma.length);
  const xy = createPlane(luma.length);
  const yy = createPlane(luma.length);
  const strength = createPlane(luma.length);
  for (let row = 0, i = 0; row < height; row++) {
    const above = row > 0 ? -width : 0;
    const below = row < height - 1 ? width : 0;
    for (let column = 0; column < width; column++, i++) {
      const left = column > 0 ? -1 : 0;
      const right = column < width - 1 ? 1 : 0;
      const nw = at(luma, i + above + left);
      const ne = at(luma, i + above + right);
      const sw = at(luma, i + below + left);
      const se = at(luma, i + below + right);
      const gx = (ne + se - nw - sw + 2 * (at(luma, i + right) - at(luma, i + left))) / 8;
      const gy = (sw + se - nw - ne + 2 * (at(luma, i + below) - at(luma, i + above))) / 8;
      xx[i] = gx * gx;
      xy[i] = gx * gy;
      yy[i] = gy * gy;
      strength[i] = Math.sqrt(gx * gx + gy * gy);
    }
  }
  return { xx, xy, yy, strength };
};

/**
 * Averages planes along the flow, `steps` pixels to both sides (line integral convolution, Cabral
 * & Leedom 1993): broken pen lines join, ragged borders become one sweep.
 */
export const smoothAlongFlow = (planes: readonly Plane[], flow: Flow, steps: number): Plane[] => {
  const { width, height } = flow;
  const results = planes.map((plane) => createPlane(plane.length));
  const path = new Int32Array(2 * steps + 1);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      path[0] = i;
      trace(flow, x, y, 1, path, 1, steps);
      trace(flow, x, y, -1, path, steps + 1, steps);
      for (let k = 0; k < planes.length; k++) {
        (results[k] as Plane)[i] = average(planes[k] as Plane, path);
      }
    }
  }
  return results;
};

const average = (plane: Plane, path: Int32Array): number => {
  let sum = 0;
  for (let k = 0; k < path.length; k++) {
    sum += at(plane, path[k] as number);
  }
  return sum / path.length;
};

/** Writes the indexes of `steps` pixels along the flow into `path`, from `offset` on. */
const trace = (
  flow: Flow,
  startX: number,
  startY: number,
  sign: number,
  path: Int32Array,
  offset: number,
  steps: number,
): void => {
  const { width, height } = flow;
  let last = startY * width + startX;
  let dx = at(flow.x, last) * sign;
  let dy = at(flow.y, last) * sign;
  let x = startX + 0.5;
  let y = startY + 0.5;
  for (let step = 0; step < steps; step++) {
    x += dx;
    y += dy;
    if (x >= 0 && y >= 0 && x < width && y < height) {
      last = (y | 0) * width + (x | 0);
      // A direction has no sign of its own: go on the way we came.
      const nx = at(flow.x, last);
      const ny = at(flow.y, last);
      const turn = nx * dx + ny * dy < 0 ? -1 : 1;
      dx = nx * turn;
      dy = ny * turn;
    }
    path[offset + step] = last;
  }
};

export const smoothRasterAlongFlow = (raster: Raster, flow: Flow, steps: number): Raster => {
  const [red, green, blue] = smoothAlongFlow([raster.red, raster.green, raster.blue], flow, steps);
  return { ...raster, ...(red && green && blue ? { red, green, blue } : {}) };
};
