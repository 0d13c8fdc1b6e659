import { type Colour, toOklab } from './colour.js';
import { at, type Raster } from './raster.js';
import { type Random } from './random.js';

const SAMPLES = 6_000;
const ROUNDS = 12;

export const squaredDistance = (first: Colour, second: Colour): number =>
  (first[0] - second[0]) ** 2 + (first[1] - second[1]) ** 2 + (first[2] - second[2]) ** 2;

export const nearest = (colour: Colour, palette: readonly Colour[]): number => {
  let best = 0;
  let least = Infinity;
  palette.forEach((candidate, index) => {
    const distance = squaredDistance(colour, candidate);
    if (distance < least) {
      least = distance;
      best = index;
    }
  });
  return best;
};

/**
 * The picture's own main colours in OKLab: k-means (Lloyd 1982) on a sample, started far apart
 * (k-means++, Arthur & Vassilvitskii 2007). `chromaWeight` above 1 lets small colourful things
 * win a place among many greys.
 */
export const mainColours = (
  raster: Raster,
  count: number,
  random: Random,
  chromaWeight = 1,
): Colour[] => {
  const weigh = ([l, a, b]: Colour): Colour => [l, a * chromaWeight, b * chromaWeight];
  const samples = sampleOklab(raster).map(weigh);
  let centres = spreadStart(samples, count, random);
  for (let round = 0; round < ROUNDS; round++) {
    centres = moveToMeans(samples, centres);
  }
  return centres.map(([l, a, b]) => [l, a / chromaWeight, b / chromaWeight]);
};

const sampleOklab = ({ red, green, blue }: Raster): Colour[] => {
  const stride = Math.max(1, Math.floor(red.length / SAMPLES));
  const samples: Colour[] = [];
  for (let i = 0; i < red.length; i += stride) {
    samples.push(toOklab([at(red, i), at(green, i), at(blue, i)]));
  }
  return samples;
};

const spreadStart = (samples: readonly Colour[], count: number, random: Random): Colour[] => {
  const first = samples[Math.floor(random() * samples.length)] ?? [0, 0, 0];
  const centres: Colour[] = [first];
  const distances = samples.map((sample) => squaredDistance(sample, first));
  while (centres.length < count) {
    const total = distances.reduce((sum, distance) => sum + distance, 0);
    let left = random() * total;
    const index = distances.findIndex((distance) => (left -= distance) <= 0);
    const chosen = samples[Math.max(index, 0)] ?? first;
    centres.push(chosen);
    samples.forEach((sample, i) => {
      distances[i] = Math.min(distances[i] ?? 0, squaredDistance(sample, chosen));
    });
  }
  return centres;
};

const moveToMeans = (samples: readonly Colour[], centres: readonly Colour[]): Colour[] => {
  const sums = centres.map(() => ({ l: 0, a: 0, b: 0, count: 0 }));
  for (const sample of samples) {
    const sum = sums[nearest(sample, centres)];
    if (sum) {
      sum.l += sample[0];
      sum.a += sample[1];
      sum.b += sample[2];
      sum.count += 1;
    }
  }
  return sums.map(({ l, a, b, count }, i) =>
    count > 0 ? [l / count, a / count, b / count] : (centres[i] ?? [0, 0, 0]),
  );
};

/** Bits a channel in the table that finds palette entries quickly. */
const TABLE_BITS = 5;

/** Nearest palette entry (OKLab) for every pixel, through a table of 32 768 colours. */
export const labelPixels = (
  { red, green, blue }: Raster,
  palette: readonly Colour[],
): Uint8Array => {
  const size = 1 << TABLE_BITS;
  const top = size - 1;
  const table = new Uint8Array(size ** 3);
  for (let i = 0; i < table.length; i++) {
    const r = i >> (2 * TABLE_BITS);
    const g = (i >> TABLE_BITS) & top;
    table[i] = nearest(toOklab([r / top, g / top, (i & top) / top]), palette);
  }
  const labels = new Uint8Array(red.length);
  for (let i = 0; i < labels.length; i++) {
    const r = (at(red, i) * top + 0.5) | 0;
    const g = (at(green, i) * top + 0.5) | 0;
    const b = (at(blue, i) * top + 0.5) | 0;
    labels[i] = table[(r << (2 * TABLE_BITS)) | (g << TABLE_BITS) | b] as number;
  }
  return labels;
};
