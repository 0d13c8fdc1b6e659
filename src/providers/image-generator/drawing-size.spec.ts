import { describe, expect, it } from '@jest/globals';

import { scaledSize, sizeForModel, toSizeText } from './drawing-size.js';

const TARGET = 1_572_864;

describe(sizeForModel.name, () => {
  it.each([
    [1_536, 1_024, '1536x1024'],
    [1_024, 1_536, '1024x1536'],
    [1_000, 1_000, '1248x1248'],
    [4_000, 3_000, '1456x1088'],
    [3_000, 500, '2160x720'],
    [500, 3_000, '720x2160'],
    [1, 2_048, '720x2160'],
  ])('keeps the proportions of %i x %i within the bounds', (width, height, expected) => {
    expect(toSizeText(sizeForModel('gpt-image-2.5-flare', { width, height }, TARGET))).toBe(
      expected,
    );
  });

  it('is within the documented bounds for every photo and target', () => {
    const faults: string[] = [];
    for (let width = 1; width <= 2_048; width += 97) {
      for (let height = 1; height <= 2_048; height += 89) {
        for (const target of [65_536, TARGET, 8_294_400]) {
          const size = sizeForModel('gpt-image-2', { width, height }, target);
          const pixels = size.width * size.height;
          const isFine =
            size.width % 16 === 0 &&
            size.height % 16 === 0 &&
            Math.max(size.width, size.height) <= 3_840 &&
            Math.max(size.width, size.height) <= 3 * Math.min(size.width, size.height) &&
            pixels >= 655_360 &&
            pixels <= 8_294_400;
          if (!isFine) faults.push(`${width} x ${height}: ${toSizeText(size)}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  it.each([
    ['gpt-image-1.5', 4_000, 3_000, '1536x1024'],
    ['gpt-image-1-mini', 3_000, 4_000, '1024x1536'],
    ['chatgpt-image-latest', 1_100, 1_000, '1024x1024'],
    ['dall-e-3', 4_000, 3_000, '1792x1024'],
    ['dall-e-3', 1_100, 1_000, '1024x1024'],
    ['dall-e-3', 16_000, 9_000, '1792x1024'],
    ['dall-e-2', 16_000, 9_000, '1024x1024'],
  ])('takes the nearest of the fixed sizes: %s, %i x %i', (model, width, height, expected) => {
    expect(toSizeText(sizeForModel(model, { width, height }, TARGET))).toBe(expected);
  });
});

describe(scaledSize.name, () => {
  it('steps both edges', () => {
    expect(scaledSize({ width: 1_600, height: 900 }, 1_048_576, 64)).toEqual({
      width: 1_344,
      height: 768,
    });
    expect(scaledSize({ width: 10_000, height: 1 }, 1_048_576, 64).height).toBe(64);
  });
});
