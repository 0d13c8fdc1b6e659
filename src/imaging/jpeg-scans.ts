const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

const hasNoLength = (marker: number): boolean =>
  marker === 0x00 || marker === 0x01 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd8);

/**
 * Number of scans of a JPEG, counted without decoding; stops above `limit`.
 *
 * A progressive JPEG may touch every pixel again in each of thousands of scans of a few bytes:
 * 0.5 MB of them cost 30 s of a core, and libvips cannot stop in the middle of it (its time limit
 * is first looked at after the last scan). Encoders use about ten.
 */
export const countJpegScans = (bytes: Buffer, limit: number): number => {
  let scans = 0;
  let at = bytes.indexOf(0xff, 2);
  while (at !== -1 && at + 3 < bytes.length && scans <= limit) {
    const marker = bytes[at + 1] ?? END_OF_IMAGE;
    if (marker === END_OF_IMAGE) return scans;
    if (marker === START_OF_SCAN) scans += 1;
    // A fill byte may itself begin the next marker, all other forms are two bytes long.
    const step = marker === 0xff ? 1 : 2;
    const next = hasNoLength(marker) ? at + step : at + 2 + bytes.readUInt16BE(at + 2);
    at = bytes.indexOf(0xff, next);
  }
  return scans;
};
