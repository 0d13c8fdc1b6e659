import { at, createPlane, type Plane, type Raster, mapPlanes } from './raster.js';

/**
 * Gaussian blur. Small radii use the kernel itself; above that three box blurs, whose cost does
 * not grow with the radius, come within 3 % of it (Wells 1986, "Efficient synthesis of Gaussian
 * filters by cascaded uniform filters"). Borders repeat the outermost pixel.
 */
export const gaussianBlur = (plane: Plane, width: number, height: number, sigma: number): Plane => {
  if (sigma < 2.2) {
    return convolve(plane, width, height, gaussianKernel(Math.max(sigma, 0.2)));
  }
  let blurred = plane;
  for (const radius of boxRadii(sigma)) {
    blurred = boxBlur(blurred, width, height, radius);
  }
  return blurred;
};

export const gaussianBlurRaster = (raster: Raster, sigma: number): Raster =>
  mapPlanes(raster, (plane) => gaussianBlur(plane, raster.width, raster.height, sigma));

/** Radii of three boxes whose variances add up to sigma squared. */
const boxRadii = (sigma: number): number[] => {
  const ideal = Math.sqrt((12 * sigma * sigma) / 3 + 1);
  const low = Math.floor((ideal - 1) / 2);
  const lowWidth = 2 * low + 1;
  const lowCount = Math.round(
    (12 * sigma * sigma - 3 * lowWidth * lowWidth - 12 * lowWidth - 9) / (-4 * lowWidth - 4),
  );
  return [0, 1, 2].map((pass) => (pass < lowCount ? low : low + 1));
};

export const boxBlur = (plane: Plane, width: number, height: number, radius: number): Plane =>
  boxColumns(boxRows(plane, width, height, radius), width, height, radius);

const boxRows = (plane: Plane, width: number, height: number, radius: number): Plane => {
  const result = createPlane(plane.length);
  const share = 1 / (2 * radius + 1);
  const last = width - 1;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let sum = at(plane, row) * (radius + 1);
    for (let x = 1; x <= radius; x++) {
      sum += at(plane, row + Math.min(x, last));
    }
    for (let x = 0; x < width; x++) {
      result[row + x] = sum * share;
      const entering = x + radius + 1;
      const leaving = x - radius;
      sum += at(plane, row + (entering > last ? last : entering));
      sum -= at(plane, row + (leaving < 0 ? 0 : leaving));
    }
  }
  return result;
};

/** Keeps one running sum a column and walks row by row, which the cache likes. */
const boxColumns = (plane: Plane, width: number, height: number, radius: number): Plane => {
  const result = createPlane(plane.length);
  const share = 1 / (2 * radius + 1);
  const last = height - 1;
  const sums = new Float64Array(width);
  for (let y = -radius; y <= radius; y++) {
    const row = Math.min(Math.max(y, 0), last) * width;
    for (let x = 0; x < width; x++) {
      sums[x] = (sums[x] as number) + at(plane, row + x);
    }
  }
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const entering = Math.min(y + radius + 1, last) * width;
    const leaving = Math.max(y - radius, 0) * width;
    for (let x = 0; x < width; x++) {
      const sum = sums[x] as number;
      result[row + x] = sum * share;
      sums[x] = sum + at(plane, entering + x) - at(plane, leaving + x);
    }
  }
  return result;
};

const gaussianKernel = (sigma: number): Plane => {
  const radius = Math.ceil(sigma * 2.6);
  const kernel = createPlane(2 * radius + 1).map((_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  return kernel.map((weight) => weight / sum);
};

const convolve = (plane: Plane, width: number, height: number, kernel: Plane): Plane => {
  const radius = (kernel.length - 1) / 2;
  const rows = createPlane(plane.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = -radius; k <= radius; k++) {
        const column = x + k < 0 ? 0 : x + k >= width ? width - 1 : x + k;
        sum += at(plane, row + column) * at(kernel, k + radius);
      }
      rows[row + x] = sum;
    }
  }
  const result = createPlane(plane.length);
  for (let y = 0; y < height; y++) {
    for (let k = -radius; k <= radius; k++) {
      const from = Math.min(Math.max(y + k, 0), height - 1) * width;
      const weight = at(kernel, k + radius);
      for (let x = 0, i = y * width; x < width; x++, i++) {
        result[i] = at(result, i) + at(rows, from + x) * weight;
      }
    }
  }
  return result;
};
