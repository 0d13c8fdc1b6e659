import { type ImageFormat } from './image-format.js';
import { jpegSegments, START_OF_SCAN } from './jpeg-segments.js';

/** In pixels, as stored: the orientation tag is not looked at. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** 0xc0 to 0xcf but for the Huffman tables, the reserved marker and the arithmetic conditioning. */
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc]);
/** Where a frame header's height stands, counted from its marker; the width follows. */
const FRAME_HEIGHT_AT = 5;

const PNG_TYPE_AT = 12;
const PNG_WIDTH_AT = 16;
const PNG_HEADER_BYTES = 24;
/** Longer than JPEG can describe: libvips knows best what is wrong with such a file. */
const MAX_PNG_SIDE = 65_535;

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.has(marker);

const findJpegSize = (bytes: Buffer): PixelSize | undefined => {
  for (const { marker, at } of jpegSegments(bytes)) {
    if (marker === START_OF_SCAN) return undefined;
    if (!isFrame(marker)) continue;
    const from = at + FRAME_HEIGHT_AT;
    if (from + 4 > bytes.length) return undefined;
    return { height: bytes.readUInt16BE(from), width: bytes.readUInt16BE(from + 2) };
  }
  return undefined;
};

const findPngSize = (bytes: Buffer): PixelSize | undefined => {
  if (bytes.length < PNG_HEADER_BYTES) return undefined;
  if (bytes.toString('latin1', PNG_TYPE_AT, PNG_WIDTH_AT) !== 'IHDR') return undefined;
  const width = bytes.readUInt32BE(PNG_WIDTH_AT);
  const height = bytes.readUInt32BE(PNG_WIDTH_AT + 4);
  return Math.max(width, height) > MAX_PNG_SIDE ? undefined : { width, height };
};

/**
 * The size in the header of a JPEG or PNG, which are nearly all photos, without a turn in libvips:
 * that costs 0.2 ms of CPU and two changes of thread. Undefined where only libvips can tell. What the
 * header leaves out or lies about comes to light when the pixels are decoded.
 */
export const findPixelSize = (bytes: Buffer, format: ImageFormat): PixelSize | undefined => {
  if (format === 'jpeg') return findJpegSize(bytes);
  return format === 'png' ? findPngSize(bytes) : undefined;
};
