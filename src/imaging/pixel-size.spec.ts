import { describe, expect, it } from '@jest/globals';

import { findPixelSize } from './pixel-size.js';
import { sharp } from './sharp.js';

const WIDTH = 300;
const HEIGHT = 200;

const picture = sharp({
  create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#7090b0' },
});
const exif = { IFD0: { Make: 'Camera' } };

describe(findPixelSize.name, () => {
  it.each([
    ['a baseline JPEG', 'jpeg', picture.clone().jpeg()],
    ['a progressive JPEG', 'jpeg', picture.clone().jpeg({ progressive: true })],
    [
      'a JPEG with a preview, a profile and camera data',
      'jpeg',
      picture.clone().withIccProfile('p3').withExif(exif).jpeg(),
    ],
    ['a grey JPEG', 'jpeg', picture.clone().greyscale().jpeg()],
    ['a JPEG in CMYK', 'jpeg', picture.clone().toColourspace('cmyk').jpeg()],
    ['a PNG', 'png', picture.clone().png()],
    [
      'an interlaced PNG with a palette',
      'png',
      picture.clone().png({ progressive: true, palette: true }),
    ],
  ] as const)('reads what libvips reads of %s', async (_name, format, pipeline) => {
    const bytes = await pipeline.toBuffer();
    const { width, height } = await sharp(bytes).metadata();

    expect(findPixelSize(bytes, format)).toEqual({ width, height });
    expect({ width, height }).toEqual({ width: WIDTH, height: HEIGHT });
  });

  it.each([
    ['a preview', 0xe2],
    ['a Huffman table', 0xc4],
    ['arithmetic conditioning', 0xcc],
  ])('takes no size out of %s', async (_name, marker) => {
    const preview = await picture.clone().resize(60).jpeg().toBuffer();
    const photo = await picture.clone().jpeg().toBuffer();
    const length = Buffer.alloc(2);
    length.writeUInt16BE(preview.length + 2);
    const segment = Buffer.concat([Buffer.from([0xff, marker]), length, preview]);
    const file = Buffer.concat([photo.subarray(0, 2), segment, photo.subarray(2)]);

    expect(findPixelSize(file, 'jpeg')).toEqual({ width: WIDTH, height: HEIGHT });
  });

  it.each([
    ['a JPEG without a frame', 'jpeg', [0xff, 0xd8, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0]],
    ['a JPEG that ends in its frame', 'jpeg', [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 8]],
    ['a PNG that ends early', 'png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
    ['a PNG that begins with another chunk', 'png', Array<number>(40).fill(7)],
    ['a GIF', 'gif', [...Buffer.from('GIF89a')]],
  ] as const)('leaves %s to libvips', (_name, format, bytes) => {
    expect(findPixelSize(Buffer.from(bytes), format)).toBeUndefined();
  });
});
