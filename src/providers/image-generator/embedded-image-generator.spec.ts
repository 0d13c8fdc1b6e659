import { afterAll, describe, expect, it } from '@jest/globals';
import { CONCEPTS, type Concept } from '../../generation/domain/concept.js';
import { sharp } from '../../imaging/sharp.js';
import { EmbeddedImageGenerator } from './embedded-image-generator.js';
import { type ImageGenerationRequest } from './image-generator.port.js';

/** A desk as simple shapes: wall, window, desk top, screen, mug, papers, and a little grain. */
const aDesk = async (
  options: { width?: number; height?: number; filter?: string } = {},
): Promise<Buffer> => {
  const { width = 300, height = 200, filter = '1,1,1' } = options;
  const [red = 1, green = 1, blue = 1] = filter.split(',').map(Number);
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = deskColour(x / width, y / height);
      const grain = ((x * 7919 + y * 104729) % 13) - 6;
      pixels.set(
        [(r + grain) * red, (g + grain) * green, (b + grain) * blue].map((v) =>
          Math.min(255, Math.max(0, v)),
        ),
        (y * width + x) * 3,
      );
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
};

const deskColour = (x: number, y: number): [number, number, number] => {
  if (y > 0.62) {
    const paper = x > 0.12 && x < 0.3 && y > 0.7 && y < 0.85;
    const mug = (x - 0.8) ** 2 + (y - 0.78) ** 2 < 0.004;
    return paper ? [235, 232, 228] : mug ? [190, 60, 50] : [150, 105, 70];
  }
  if (x > 0.35 && x < 0.65 && y > 0.2 && y < 0.6) {
    return x < 0.37 || x > 0.63 || y < 0.23 ? [30, 30, 34] : [70, 110, 170];
  }
  return x < 0.2 && y < 0.4 ? [240, 244, 248] : [190 - 40 * x, 188 - 40 * x, 184 - 40 * x];
};

const aRequest = async (
  overrides: Partial<ImageGenerationRequest> = {},
): Promise<ImageGenerationRequest> => ({
  image: await aDesk(),
  width: 300,
  height: 200,
  concept: 'BASIC',
  prompt: 'a tidy desk',
  seed: 7,
  ...overrides,
});

const meansOf = async (image: Buffer): Promise<number[]> =>
  (await sharp(image).stats()).channels.map(({ mean }) => mean);

const brightnessOf = async (image: Buffer): Promise<number> => {
  const means = await meansOf(image);
  return means.reduce((sum, mean) => sum + mean, 0) / means.length;
};

/** Distance between the strongest and the weakest channel, relative to the brightness. */
const castOf = async (image: Buffer): Promise<number> => {
  const means = await meansOf(image);
  return (Math.max(...means) - Math.min(...means)) / (await brightnessOf(image));
};

const meanDifference = async (first: Buffer, second: Buffer): Promise<number> => {
  const a = await sharp(first).raw().toBuffer();
  const b = await sharp(second).raw().toBuffer();
  expect(a).toHaveLength(b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  }
  return sum / a.length;
};

describe(EmbeddedImageGenerator.name, () => {
  const generator = new EmbeddedImageGenerator();
  const never = new AbortController().signal;

  const draw = async (overrides: Partial<ImageGenerationRequest> = {}): Promise<Buffer> =>
    (await generator.generate(await aRequest(overrides), never)).bytes;

  afterAll(() => generator.onApplicationShutdown());

  it.each(CONCEPTS)('draws %s as a JPEG of the same size without metadata', async (concept) => {
    const { bytes, ...rest } = await generator.generate(await aRequest({ concept }), never);
    const { format, width, height, exif, icc, xmp } = await sharp(bytes).metadata();
    expect({ format, width, height }).toEqual({ format: 'jpeg', width: 300, height: 200 });
    expect([exif, icc, xmp]).toEqual([undefined, undefined, undefined]);
    expect(rest).toEqual({ calls: [], generator: 'embedded', warnings: [] });
  });

  it.each(CONCEPTS)(
    'gives the same bytes for the same seed and others for another: %s',
    async (concept) => {
      const [first, again, other] = [
        await draw({ concept, seed: 7 }),
        await draw({ concept, seed: 7 }),
        await draw({ concept, seed: 8 }),
      ];
      expect(first.equals(again)).toBe(true);
      expect(first.equals(other)).toBe(false);
    },
  );

  it('takes one fixed seed when none is given', async () => {
    const [first, second] = [await draw({ seed: null }), await draw({ seed: null })];
    expect(first.equals(second)).toBe(true);
  });

  it('draws five concepts that clearly differ from each other and from the photo', async () => {
    const image = await aDesk();
    const pictures: [Concept | 'photo', Buffer][] = [['photo', image]];
    for (const concept of CONCEPTS) {
      pictures.push([concept, await draw({ image, concept })]);
    }
    const alike: string[] = [];
    for (const [i, [name, picture]] of pictures.entries()) {
      for (const [otherName, other] of pictures.slice(i + 1)) {
        const difference = await meanDifference(picture, other);
        if (difference < 5) {
          alike.push(`${name} and ${otherName} differ by ${difference.toFixed(1)} levels`);
        }
      }
    }
    expect(alike).toEqual([]);
  });

  it('keeps the layout: the picture still correlates with the photo', async () => {
    const image = await aDesk();
    const thumbnail = (of: Buffer): Promise<Buffer> =>
      sharp(of).resize(30, 20, { fit: 'fill' }).greyscale().png().toBuffer();
    for (const concept of CONCEPTS) {
      const [before, after] = [
        await thumbnail(image),
        await thumbnail(await draw({ image, concept })),
      ];
      expect(await meanDifference(before, after)).toBeLessThan(60);
    }
  });

  it('lifts a dark photo', async () => {
    const image = await aDesk({ filter: '0.25,0.25,0.25' });
    expect(await brightnessOf(await draw({ image }))).toBeGreaterThan(
      1.5 * (await brightnessOf(image)),
    );
  });

  it('leaves a well exposed photo about as bright as it is', async () => {
    const image = await aDesk();
    const change = (await brightnessOf(await draw({ image }))) - (await brightnessOf(image));
    expect(Math.abs(change)).toBeLessThan(25);
  });

  it.each([
    { light: 'yellow', filter: '1,0.85,0.5' },
    { light: 'blue', filter: '0.7,0.85,1' },
  ])('takes most of a $light cast out', async ({ filter }) => {
    const image = await aDesk({ filter });
    expect(await castOf(await draw({ image }))).toBeLessThan(0.75 * (await castOf(image)));
  });

  it.each([
    { side: 'landscape', width: 2048, height: 1024, expected: { width: 1536, height: 768 } },
    { side: 'portrait', width: 900, height: 1800, expected: { width: 768, height: 1536 } },
    { side: 'tiny', width: 12, height: 9, expected: { width: 12, height: 9 } },
    { side: 'one pixel high', width: 40, height: 1, expected: { width: 40, height: 1 } },
  ])('keeps the aspect ratio within 1536 px: $side', async ({ width, height, expected }) => {
    const image = await aDesk({ width, height });
    for (const concept of width > 1000 ? (['BASIC'] as const) : CONCEPTS) {
      const drawn = await sharp(await draw({ image, width, height, concept })).metadata();
      expect({ width: drawn.width, height: drawn.height }).toEqual(expected);
    }
  });

  it('accepts greyscale and transparent photos', async () => {
    const desk = sharp(await aDesk());
    const grey = await desk.clone().greyscale().jpeg().toBuffer();
    const transparent = await desk.clone().ensureAlpha(0.5).png().toBuffer();
    for (const image of [grey, transparent]) {
      expect((await sharp(await draw({ image })).metadata()).channels).toBe(3);
    }
  });

  it.each([
    ['no picture at all', async () => Buffer.from('not a photo')],
    ['an empty file', async () => Buffer.alloc(0)],
    ['a photo that was cut off', async () => (await aDesk()).subarray(0, 900)],
  ])('answers image_unreadable for %s', async (_, makeImage) => {
    await expect(draw({ image: await makeImage() })).rejects.toMatchObject({
      code: 'image_unreadable',
    });
  });

  it('never holds up the event loop', async () => {
    const image = await aDesk({ width: 1000, height: 700 });
    const drawing = draw({ image, concept: 'OIL' });
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 5);
    await drawing.finally(() => clearInterval(timer));
    expect(turns).toBeGreaterThan(10);
  });
});
