import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { withRepeatedScan } from '../../test/fixtures/image-bytes.js';
import { ImageError } from '../common/errors/errors.js';
import { ImageDecoder, translateDecodeError } from './image-decoder.js';
import { sharp } from './sharp.js';

const decoder = new ImageDecoder({ maxPixels: 1_000_000, timeoutMs: 5_000 });
const OPTIONS = { maxEdge: 1_024, quality: 85 };

const WIDTH = 60;
const HEIGHT = 40;

/** Red, green, blue and yellow quarters: no two of the eight orientations look the same. */
const quarters = async (): Promise<Buffer> => {
  const tile = (colour: string) => ({
    create: { width: WIDTH / 2, height: HEIGHT / 2, channels: 3 as const, background: colour },
  });
  return sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#000000' } })
    .composite([
      { input: tile('#ff0000'), left: 0, top: 0 },
      { input: tile('#00ff00'), left: WIDTH / 2, top: 0 },
      { input: tile('#0000ff'), left: 0, top: HEIGHT / 2 },
      { input: tile('#ffff00'), left: WIDTH / 2, top: HEIGHT / 2 },
    ])
    .png()
    .toBuffer();
};

/** How a camera stores an upright picture under each EXIF orientation: turned, then mirrored. */
const STORED: readonly (readonly [number, number, 'none' | 'flop'])[] = [
  [1, 0, 'none'],
  [2, 0, 'flop'],
  [3, 180, 'none'],
  [4, 180, 'flop'],
  [5, 90, 'flop'],
  [6, 270, 'none'],
  [7, 270, 'flop'],
  [8, 90, 'none'],
];

const cornersOf = async (jpeg: Buffer): Promise<string[]> => {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const colourAt = (x: number, y: number): string =>
    [0, 1, 2]
      .map((channel) => ((data[(y * info.width + x) * 3 + channel] ?? 0) > 127 ? '1' : '0'))
      .join('');
  return [
    colourAt(10, 8),
    colourAt(info.width - 10, 8),
    colourAt(10, info.height - 8),
    colourAt(info.width - 10, info.height - 8),
  ];
};

const normalise = async (bytes: Buffer, options = OPTIONS) =>
  decoder.normalise(await decoder.inspect(bytes), options);

describe(ImageDecoder.name, () => {
  it.each(STORED)('shows orientation %i upright', async (orientation, angle, mirror) => {
    const turned = await sharp(await quarters())
      .rotate(angle)
      .png()
      .toBuffer();
    const stored = mirror === 'flop' ? await sharp(turned).flop().png().toBuffer() : turned;
    const photo = await sharp(stored)
      .withMetadata({ orientation })
      .jpeg({ quality: 100 })
      .toBuffer();

    const inspected = await decoder.inspect(photo);
    const result = await decoder.normalise(inspected, OPTIONS);

    const [width, height] = orientation < 5 ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH];
    expect(inspected).toMatchObject({ format: 'jpeg', width, height });
    expect(result).toMatchObject({ width: WIDTH, height: HEIGHT });
    // Red, green / blue, yellow.
    expect(await cornersOf(result.bytes)).toEqual(['100', '010', '001', '110']);
  });

  it('drops location, camera, XMP, IPTC and colour profile', async () => {
    const photo = await sharp(await quarters())
      .withExif({
        IFD0: { Make: 'SecretCamera', Software: 'SecretTool' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '37/1 33/1 58/1', GPSLongitudeRef: 'E' },
      })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:SecretPlace/></x:xmpmeta>')
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    expect(await sharp(photo).metadata()).toMatchObject({
      exif: expect.anything(),
      xmp: expect.anything(),
      icc: expect.anything(),
    });

    const { bytes } = await normalise(photo);

    const metadata = await sharp(bytes).metadata();
    expect(metadata).not.toHaveProperty('exif');
    expect(metadata).not.toHaveProperty('xmp');
    expect(metadata).not.toHaveProperty('iptc');
    expect(metadata).not.toHaveProperty('icc');
    expect(metadata).not.toHaveProperty('orientation');
    expect(bytes.includes('Secret')).toBe(false);
    expect(bytes.includes('Exif')).toBe(false);
  });

  it('makes a small photo neither larger nor narrower', async () => {
    expect(await normalise(await quarters())).toMatchObject({ width: WIDTH, height: HEIGHT });
  });

  it('shrinks the longest side', async () => {
    expect(await normalise(await quarters(), { maxEdge: 30, quality: 85 })).toMatchObject({
      width: 30,
      height: 20,
    });
  });

  it('puts transparent photos on white', async () => {
    const photo = await sharp({
      create: { width: 60, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();

    const { bytes } = await normalise(photo);

    expect(await cornersOf(bytes)).toEqual(['111', '111', '111', '111']);
  });

  it('names the result by its content', async () => {
    const [one, again] = [await normalise(await quarters()), await normalise(await quarters())];

    expect(one.sha256).toBe(createHash('sha256').update(one.bytes).digest('hex'));
    expect(again.sha256).toBe(one.sha256);
  });

  it.each([
    [1_000, 1_000, undefined],
    [1_001, 1_000, 'image_too_large'],
  ])('checks %i x %i pixels against a limit of a million', async (width, height, code) => {
    const photo = await sharp({ create: { width, height, channels: 3, background: '#888888' } })
      .png()
      .toBuffer();

    const outcome = await decoder.inspect(photo).catch((error: unknown) => error);

    if (code) expect(outcome).toMatchObject({ code });
    else expect(outcome).toMatchObject({ width, height, format: 'png' });
  });

  it.each([
    ['<!doctype html><p>', 'an HTML page'],
    ['<svg/>', 'an SVG drawing'],
    ['%PDF-1.7', 'a PDF document'],
    ['{"a":1}', 'JSON text'],
    ['', 'an empty file'],
    ['\u0001\u0002', 'a file of an unknown kind'],
  ])('says what %j is', async (text, name) => {
    await expect(decoder.inspect(Buffer.from(text))).rejects.toThrow(
      `This is ${name}, not a photo`,
    );
  });

  it('refuses a JPEG of hundreds of scans before it decodes the first', async () => {
    const progressive = await sharp(await quarters())
      .jpeg({ progressive: true })
      .toBuffer();

    await expect(decoder.inspect(progressive)).resolves.toMatchObject({ format: 'jpeg' });
    await expect(decoder.inspect(withRepeatedScan(progressive, 500))).rejects.toMatchObject({
      code: 'image_unreadable',
    });
  });

  it('tells owners of an iPhone how to send a JPEG', async () => {
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');

    await expect(decoder.inspect(heic)).rejects.toMatchObject({
      code: 'image_type_unsupported',
      message: expect.stringContaining('Most Compatible'),
    });
  });

  it('reports wrong options as our own mistake, not as a broken photo', async () => {
    const inspected = await decoder.inspect(await quarters());

    await expect(
      decoder.normalise(inspected, { maxEdge: -1, quality: 85 }),
    ).rejects.not.toBeInstanceOf(ImageError);
  });
});

describe(translateDecodeError.name, () => {
  it.each([
    ['Input image exceeds pixel limit', 'image_too_large'],
    ['Input buffer contains unsupported image format', 'image_type_unsupported'],
    ['compression format has not been built in: HEVC', 'image_type_unsupported'],
    ['timeout: 3% complete', 'image_unreadable'],
    ['VipsJpeg: premature end of JPEG image', 'image_unreadable'],
  ])('translates "%s"', (message, code) => {
    expect(translateDecodeError(new Error(message))).toMatchObject({ code, retryable: false });
  });

  it('translates what is not even an error', () => {
    expect(translateDecodeError(undefined)).toMatchObject({ code: 'image_unreadable' });
  });

  it('leaves an ImageError as it is', () => {
    const error = new ImageError('image_too_large', 'The photo is too large');

    expect(translateDecodeError(error)).toBe(error);
  });
});
