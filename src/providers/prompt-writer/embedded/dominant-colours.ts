import { type Lab, type NamedColour, squaredLabDistance, toNamedColour } from './named-colours.js';

export interface DominantColour {
  readonly colour: NamedColour;
  /** Share of the photo, 0 to 1. */
  readonly share: number;
}

const CLUSTERS = 6;
const ROUNDS = 8;
/** Below this a colour is an object's, not the room's. */
const MIN_SHARE = 0.05;
const MAX_COLOURS = 4;

interface Cluster {
  centre: Lab;
  size: number;
}

/** Starting centres are taken at even steps of lightness: no chance is involved, so answers repeat. */
const toStartingClusters = (pixels: readonly Lab[]): Cluster[] => {
  const byLightness = pixels.toSorted((one, other) => one.l - other.l);
  return Array.from({ length: CLUSTERS }, (_, index) => {
    const at = Math.floor(((index + 0.5) / CLUSTERS) * byLightness.length);
    return { centre: byLightness[at] ?? { l: 0, a: 0, b: 0 }, size: 0 };
  });
};

const nearestIndex = (clusters: readonly Cluster[], pixel: Lab): number => {
  let nearest = 0;
  let shortest = Infinity;
  clusters.forEach(({ centre }, index) => {
    const distance = squaredLabDistance(centre, pixel);
    if (distance < shortest) {
      shortest = distance;
      nearest = index;
    }
  });
  return nearest;
};

const refine = (clusters: readonly Cluster[], pixels: readonly Lab[]): Cluster[] => {
  const sums = clusters.map(() => ({ l: 0, a: 0, b: 0, size: 0 }));
  for (const pixel of pixels) {
    const sum = sums[nearestIndex(clusters, pixel)];
    if (sum === undefined) continue;
    sum.l += pixel.l;
    sum.a += pixel.a;
    sum.b += pixel.b;
    sum.size += 1;
  }
  return sums.map(({ l, a, b, size }, index) => {
    const previous = clusters[index]?.centre ?? { l: 0, a: 0, b: 0 };
    return { centre: size === 0 ? previous : { l: l / size, a: a / size, b: b / size }, size };
  });
};

/** The photo's main colours by k-means in L*a*b*, largest first, each name once, 1 to 4 of them. */
export const findDominantColours = (pixels: readonly Lab[]): DominantColour[] => {
  let clusters = toStartingClusters(pixels);
  for (let round = 0; round < ROUNDS; round += 1) clusters = refine(clusters, pixels);
  const shares = new Map<NamedColour, number>();
  for (const { centre, size } of clusters) {
    const colour = toNamedColour(centre);
    shares.set(colour, (shares.get(colour) ?? 0) + size / pixels.length);
  }
  const sorted = [...shares]
    .map(([colour, share]) => ({ colour, share }))
    .toSorted((one, other) => other.share - one.share);
  return sorted.filter(({ share }, rank) => rank === 0 || share >= MIN_SHARE).slice(0, MAX_COLOURS);
};
