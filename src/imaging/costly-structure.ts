import { ImageError } from '../common/errors/errors.js';
import { type ImageFormat } from './image-format.js';
import { countJpegScans } from './jpeg-scans.js';
import { withoutPngText } from './png-text.js';
import { countWebpFrames } from './webp-frames.js';

/** Only the first frame is decoded, but all of them are walked through when the file is opened. */
const MAX_FRAMES = 1_000;
/** Encoders write about ten; at 50 megapixels this many take about a second. */
const MAX_JPEG_SCANS = 64;

/** @throws ImageError `image_too_large` when an animation has more frames than anyone needs */
export const assertFrames = (frames: number): void => {
  if (frames > MAX_FRAMES) {
    throw new ImageError(
      'image_too_large',
      `The animation has too many frames; at most ${MAX_FRAMES} are allowed`,
    );
  }
};

/**
 * Small files that would keep libvips busy for minutes: its time limit counts only once pixels
 * flow, so these are found before it sees the file. Gives the bytes that are safe to open.
 *
 * @throws ImageError `image_too_large` or `image_unreadable`
 */
export const withoutCostlyStructure = (bytes: Buffer, format: ImageFormat): Buffer => {
  if (format === 'png') return withoutPngText(bytes);
  if (format === 'webp') assertFrames(countWebpFrames(bytes, MAX_FRAMES));
  if (format === 'jpeg' && countJpegScans(bytes, MAX_JPEG_SCANS) > MAX_JPEG_SCANS) {
    throw new ImageError(
      'image_unreadable',
      'The JPEG is built of too many layers: save the photo again',
    );
  }
  return bytes;
};
