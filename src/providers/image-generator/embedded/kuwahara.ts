import { at, clamp, createRaster, type Plane, type Raster, toLuma } from './raster.js';

/**
 * Kuwahara filter (Kuwahara et al. 1976): each pixel takes the mean of that one of its four
 * quadrants that varies least, which flattens areas into dabs and keeps edges. Means and
 * variances come from running sums (summed-area tables, Crow 1984), so the radius costs nothing.
 */
export const kuwahara = (raster: Raster, wantedRadius: number): Raster => {
  const { width, height } = raster;
  const radius = clamp(Math.round(wantedRadius), 1, Math.min(width, height) - 1);
  const luma = toLuma(raster);
  const side = radius + 1;
  const means = quadrantMeans(luma, width, height, side);
  const squares = quadrantMeans(
    luma.map((value) => value * value),
    width,
    height,
    side,
  );
  const choice = calmestQuadrant(means, squares, width, height, radius);
  const result = createRaster(width, height);
  pick(quadrantMeans(raster.red, width, height, side), choice, result.red);
  pick(quadrantMeans(raster.green, width, height, side), choice, result.green);
  pick(quadrantMeans(raster.blue, width, height, side), choice, result.blue);
  return result;
};

/**
 * Mean of the `side` x `side` square whose top left corner is each pixel; squares slide back
 * inside at the borders.
 */
const quadrantMeans = (plane: Plane, width: number, height: number, side: number): Plane => {
  const rows = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let sum = 0;
    for (let x = 0; x < side; x++) {
      sum += at(plane, row + x);
    }
    for (let x = 0; x < width; x++) {
      rows[row + x] = sum;
      if (x + side < width) {
        sum += at(plane, row + x + side) - at(plane, row + x);
      }
    }
  }
  const result = new Float32Array(plane.length);
  const sums = new Float64Array(width);
  for (let i = 0; i < side * width; i++) {
    sums[i % width] = (sums[i % width] as number) + at(rows, i);
  }
  const share = 1 / (side * side);
  for (let y = 0; y < height; y++) {
    const inside = y + side < height;
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const sum = sums[x] as number;
      result[i] = sum * share;
      if (inside) {
        sums[x] = sum + at(rows, i + side * width) - at(rows, i);
      }
    }
  }
  return result;
};

/** Index of the square that each pixel takes its colour from. */
const calmestQuadrant = (
  means: Plane,
  squares: Plane,
  width: number,
  height: number,
  radius: number,
): Uint32Array => {
  const choice = new Uint32Array(means.length);
  for (let y = 0, i = 0; y < height; y++) {
    const top = (y < radius ? 0 : y - radius) * width;
    const bottom = y * width;
    for (let x = 0; x < width; x++, i++) {
      const left = x < radius ? 0 : x - radius;
      let best = top + left;
      let least = variance(means, squares, best);
      for (let quadrant = 1; quadrant < 4; quadrant++) {
        const corner = (quadrant & 1 ? x : left) + (quadrant & 2 ? bottom : top);
        const spread = variance(means, squares, corner);
        if (spread < least) {
          least = spread;
          best = corner;
        }
      }
      choice[i] = best;
    }
  }
  return choice;
};

const variance = (means: Plane, squares: Plane, index: number): number =>
  at(squares, index) - at(means, index) * at(means, index);

const pick = (means: Plane, choice: Uint32Array, into: Plane): void => {
  for (let i = 0; i < into.length; i++) {
    into[i] = at(means, choice[i] as number);
  }
};
