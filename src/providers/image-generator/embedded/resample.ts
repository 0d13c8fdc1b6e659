import { at, createPlane, createRaster, mapPlanes, type Plane, type Raster } from './raster.js';

/** Averages `cell` x `cell` pixels into one; a rest at the right and bottom counts as a cell. */
export const shrink = (raster: Raster, cell: number): Raster => {
  const width = Math.ceil(raster.width / cell);
  const height = Math.ceil(raster.height / cell);
  return {
    ...mapPlanes(raster, (plane) => shrinkPlane(plane, raster, width, height, cell)),
    width,
    height,
  };
};

const shrinkPlane = (
  plane: Plane,
  { width, height }: Raster,
  columns: number,
  rows: number,
  cell: number,
): Plane => {
  const sums = createPlane(columns * rows);
  const counts = createPlane(columns * rows);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / cell) * columns;
    for (let x = 0; x < width; x++, i++) {
      const k = row + Math.floor(x / cell);
      sums[k] = at(sums, k) + at(plane, i);
      counts[k] = at(counts, k) + 1;
    }
  }
  return sums.map((sum, k) => sum / at(counts, k));
};

/** Repeats each pixel `cell` x `cell` times: hard edges, as on a screen of the nineties. */
export const enlarge = (raster: Raster, cell: number, width: number, height: number): Raster => {
  const result = createRaster(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / cell) * raster.width;
    for (let x = 0; x < width; x++, i++) {
      const k = row + Math.floor(x / cell);
      result.red[i] = at(raster.red, k);
      result.green[i] = at(raster.green, k);
      result.blue[i] = at(raster.blue, k);
    }
  }
  return result;
};
