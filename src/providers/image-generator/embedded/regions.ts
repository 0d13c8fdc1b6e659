/**
 * Merges scattered pixels into areas: each takes the label that most of its 5x5 neighbours have
 * (mode filter), ties going to the label it has.
 */
export const majority = (
  labels: Uint8Array,
  width: number,
  height: number,
  labelCount: number,
): Uint8Array => {
  const result = new Uint8Array(labels.length);
  const counts = new Uint8Array(labelCount);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      counts.fill(0);
      const own = labels[y * width + x] as number;
      let best = own;
      counts[own] = 1;
      for (let ny = Math.max(y - 2, 0); ny <= Math.min(y + 2, height - 1); ny++) {
        for (let nx = Math.max(x - 2, 0); nx <= Math.min(x + 2, width - 1); nx++) {
          const label = labels[ny * width + nx] as number;
          const count = (counts[label] as number) + 1;
          counts[label] = count;
          best = count > (counts[best] as number) ? label : best;
        }
      }
      result[y * width + x] = best;
    }
  }
  return result;
};

/** Gives areas of fewer than `minPixels` the label of the neighbour before them: no crumbs. */
export const absorbCrumbs = (
  labels: Uint8Array,
  width: number,
  height: number,
  minPixels: number,
): Uint8Array => {
  const result = labels.slice();
  const seen = new Uint8Array(labels.length);
  const area = new Uint32Array(labels.length);
  for (let start = 0; start < labels.length; start++) {
    if (seen[start]) {
      continue;
    }
    const size = collectArea(result, width, height, start, seen, area);
    if (size < minPixels) {
      // In reading order the pixel before belongs to an area that is already settled.
      const neighbour = start % width > 0 ? start - 1 : Math.max(start - width, 0);
      const label = result[neighbour] as number;
      for (let k = 0; k < size; k++) {
        result[area[k] as number] = label;
      }
    }
  }
  return result;
};

/** Flood fill over the four neighbours; returns how many pixels were put into `area`. */
const collectArea = (
  labels: Uint8Array,
  width: number,
  height: number,
  start: number,
  seen: Uint8Array,
  area: Uint32Array,
): number => {
  const label = labels[start];
  let size = 0;
  const visit = (index: number): void => {
    if (!seen[index] && labels[index] === label) {
      seen[index] = 1;
      area[size++] = index;
    }
  };
  visit(start);
  for (let next = 0; next < size; next++) {
    const index = area[next] as number;
    const x = index % width;
    if (x > 0) visit(index - 1);
    if (x < width - 1) visit(index + 1);
    if (index >= width) visit(index - width);
    if (index < width * (height - 1)) visit(index + width);
  }
  return size;
};
