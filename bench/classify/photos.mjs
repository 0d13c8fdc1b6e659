import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import sharp from 'sharp';

import { SOURCE_PHOTO } from './paths.mjs';

/**
 * @typedef {Record<string, { title: string, type: string, files: string[], meanBytes: number }>} Photos
 */

const PHONE = { width: 4032, height: 3024 };
const SMALL = { width: 1024, height: 768 };
/** Standard deviation of a phone's sensor noise in daylight, in 8-bit steps. */
const NOISE = 8;
const NOISE_TABLE = 65_536;

/** Repeatable and fast enough for 36 million values (Marsaglia's xorshift32). */
const randomFrom = (seed) => {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
};

const gaussianTable = (seed) => {
  const next = randomFrom(seed);
  const uniform = () => (next() + 1) / 4_294_967_297;
  return Int8Array.from({ length: NOISE_TABLE }, () => {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return Math.max(-127, Math.min(127, Math.round(normal * NOISE)));
  });
};

const addNoise = (pixels, seed) => {
  const table = gaussianTable(seed);
  const next = randomFrom(seed * 7_919);
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
  for (let at = 0; at < clamped.length; at += 1) clamped[at] += table[next() & (NOISE_TABLE - 1)];
};

/** Another part of the same desk for each variant, with noise of its own. */
const makePixels = async (size, variant) => {
  const { width, height } = await sharp(SOURCE_PHOTO).metadata();
  const part = { width: Math.floor(width * 0.9), height: Math.floor(height * 0.9) };
  const { data, info } = await sharp(SOURCE_PHOTO)
    .extract({
      left: Math.floor((width - part.width) * ((variant % 3) / 2)),
      top: Math.floor((height - part.height) * ((variant % 2) / 1)),
      ...part,
    })
    .resize({ ...size, fit: 'cover' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  addNoise(data, variant + 1);
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } });
};

const KINDS = {
  phone: {
    title: '12 MP phone JPEG',
    type: 'image/jpeg',
    extension: 'jpg',
    variants: 4,
    size: PHONE,
    // What a phone writes: 4:2:0, not progressive, a camera's EXIF, orientation 1.
    encode: (picture) =>
      picture
        .withExif({ IFD0: { Make: 'Desk AI', Model: 'benchmark', Orientation: '1' } })
        .jpeg({ quality: 90, chromaSubsampling: '4:2:0' }),
  },
  jpeg: {
    title: '1024 px JPEG',
    type: 'image/jpeg',
    extension: 'jpg',
    variants: 8,
    size: SMALL,
    encode: (picture) => picture.jpeg({ quality: 90, chromaSubsampling: '4:2:0' }),
  },
  png: {
    title: '1024 px PNG',
    type: 'image/png',
    extension: 'png',
    variants: 8,
    size: SMALL,
    encode: (picture) => picture.png(),
  },
};

/** @returns {Promise<Photos>} */
export const makePhotos = async (directory) => {
  const photos = {};
  for (const [kind, { title, type, extension, variants, size, encode }] of Object.entries(KINDS)) {
    const files = [];
    let bytes = 0;
    for (let variant = 0; variant < variants; variant += 1) {
      const file = join(directory, `${kind}-${variant}.${extension}`);
      const encoded = await encode(await makePixels(size, variant)).toBuffer();
      await writeFile(file, encoded);
      files.push(file);
      bytes += encoded.length;
    }
    photos[kind] = { title, type, files, meanBytes: bytes / variants };
  }
  return photos;
};
