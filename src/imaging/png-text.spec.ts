import { deflateSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';

import { craftPng, pngChunk } from '../../test/fixtures/image-bytes.js';
import { withoutPngText } from './png-text.js';

const pixel = deflateSync(Buffer.alloc(2));
const text = (type: string, words: string): Buffer => pngChunk(type, Buffer.from(words, 'latin1'));

describe('withoutPngText', () => {
  it('leaves a PNG without text as it is', () => {
    const png = craftPng(1, 1, pixel, [text('pHYs', '123456789')]);

    expect(withoutPngText(png)).toBe(png);
  });

  it('takes every kind of text chunk out and nothing else', () => {
    const resolution = text('pHYs', '123456789');
    const png = craftPng(1, 1, pixel, [
      text('tEXt', 'Author\0secret'),
      resolution,
      text('zTXt', 'Comment\0\0secret'),
      text('iTXt', 'XML:com.adobe.xmp\0\0\0\0\0secret'),
    ]);

    expect(withoutPngText(png).equals(craftPng(1, 1, pixel, [resolution]))).toBe(true);
  });

  it('takes out a text chunk behind the pixels', () => {
    const png = craftPng(1, 1, pixel);
    const end = png.length - 12;
    const late = Buffer.concat([png.subarray(0, end), text('tEXt', 'a\0b'), png.subarray(end)]);

    expect(withoutPngText(late).equals(png)).toBe(true);
  });

  it.each([
    ['that ends in a chunk', (png: Buffer) => png.subarray(0, -7)],
    ['that is only a signature', (png: Buffer) => png.subarray(0, 8)],
    ['of nothing', () => Buffer.alloc(0)],
  ])('copes with a file %s', (_name, damage) => {
    const file = damage(craftPng(1, 1, pixel));

    expect(withoutPngText(file)).toBe(file);
  });

  it('copes with a text chunk that is longer than the file', () => {
    const chunk = text('zTXt', 'Comment\0\0secret');
    chunk.writeUInt32BE(0xffffffff, 0);
    const plain = craftPng(1, 1, pixel).subarray(0, 33);

    expect(withoutPngText(Buffer.concat([plain, chunk])).equals(plain)).toBe(true);
  });
});
