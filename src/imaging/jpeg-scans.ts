import { jpegSegments, START_OF_SCAN } from './jpeg-segments.js';

/** Sequential coding (baseline and extended, Huffman), ITU-T T.81 table B.1. */
const SEQUENTIAL_FRAMES = new Set([0xc0, 0xc1]);
/** Where the number of components stands, counted from the marker: in a frame and in a scan header. */
const FRAME_COMPONENTS_AT = 9;
const SCAN_COMPONENTS_AT = 4;

/**
 * Number of scans of a JPEG, counted without decoding; stops above `limit`.
 *
 * A progressive JPEG may touch every pixel again in each of thousands of scans of a few bytes:
 * 0.5 MB of them cost 30 s of a core, and libvips cannot stop in the middle of it (its time limit
 * is first looked at after the last scan). Encoders use about ten. A sequential JPEG whose first scan
 * has all components is complete with it (libjpeg refuses another), so the bulk of a phone's photo
 * need not be read.
 */
export const countJpegScans = (bytes: Buffer, limit: number): number => {
  let scans = 0;
  let sequential: number | undefined;
  for (const { marker, at } of jpegSegments(bytes)) {
    if (SEQUENTIAL_FRAMES.has(marker)) sequential = bytes[at + FRAME_COMPONENTS_AT];
    if (marker !== START_OF_SCAN) continue;
    scans += 1;
    if (scans > limit) return scans;
    if (scans === 1 && bytes[at + SCAN_COMPONENTS_AT] === sequential) return scans;
  }
  return scans;
};
