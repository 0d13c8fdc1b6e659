import { describe, expect, it } from '@jest/globals';

import { ImageError } from '../../src/common/errors/errors.js';
import { ImageDecoder } from '../../src/imaging/image-decoder.js';
import { sharp } from '../../src/imaging/sharp.js';
import { buildHostileImages } from '../fixtures/hostile-images.js';
import { mutateImages } from '../fixtures/image-mutations.js';

const decoder = new ImageDecoder({ maxPixels: 50_000_000, timeoutMs: 5_000 });
const FILES = await buildHostileImages();

const decode = async (bytes: Buffer) =>
  decoder.normalise(await decoder.inspect(bytes), { maxEdge: 256, quality: 80 });

describe('hostile files', () => {
  it('are at least 40, each with a name of its own', () => {
    expect(new Set(FILES.map(({ name }) => name)).size).toBe(FILES.length);
    expect(FILES.length).toBeGreaterThanOrEqual(40);
  });

  it.each(FILES.filter(({ expected }) => expected === 'accepted').map((file) => [file.name, file]))(
    'accepts %s',
    async (_name, file) => {
      const startedAt = Date.now();
      const { bytes, width, height } = await decode((file as { bytes: Buffer }).bytes);
      expect(Date.now() - startedAt).toBeLessThan(3_000);

      const metadata = await sharp(bytes).metadata();
      expect(metadata).toMatchObject({ format: 'jpeg', width, height, space: 'srgb', channels: 3 });
    },
  );

  it.each(
    FILES.filter(({ expected }) => expected !== 'accepted').map(
      (file) => [file.name, file.expected, file.bytes] as const,
    ),
  )('refuses %s as %s', async (_name, code, bytes) => {
    const startedAt = Date.now();

    await expect(decode(bytes)).rejects.toMatchObject({ code, retryable: false });
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('2,000 damaged photos', () => {
  it('are decoded or refused with an ImageError, never anything else', async () => {
    const outcomes = { accepted: 0, refused: 0 };
    const images = [...(await mutateImages(2_000))];
    const work = async (): Promise<void> => {
      for (let image = images.pop(); image; image = images.pop()) {
        const error: unknown = await decode(image.bytes).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) outcomes.accepted += 1;
        else if (error instanceof ImageError) outcomes.refused += 1;
        else throw new Error(`${image.name} threw something else`, { cause: error });
      }
    };

    await Promise.all(Array.from({ length: 4 }, work));

    expect(outcomes.accepted + outcomes.refused).toBe(2_000);
    // Both happen a lot, or the mutations are too weak or too strong to mean anything.
    expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(200);
  }, 60_000);
});
