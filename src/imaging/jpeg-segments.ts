export const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

export interface JpegSegment {
  /** The marker's second byte. */
  readonly marker: number;
  /** Where the marker begins. */
  readonly at: number;
}

const hasNoLength = (marker: number): boolean =>
  marker === 0x00 || marker === 0x01 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd8);

/** The segments of a JPEG in their order, whatever lies between them, up to its end. */
export function* jpegSegments(bytes: Buffer): Generator<JpegSegment, void> {
  let at = bytes.indexOf(0xff, 2);
  while (at !== -1 && at + 3 < bytes.length) {
    const marker = bytes[at + 1] ?? END_OF_IMAGE;
    if (marker === END_OF_IMAGE) return;
    const isSegment = !hasNoLength(marker);
    if (isSegment) yield { marker, at };
    // A fill byte may itself begin the next marker, all other forms are two bytes long.
    const step = marker === 0xff ? 1 : 2;
    const next = isSegment ? at + 2 + bytes.readUInt16BE(at + 2) : at + step;
    at = bytes.indexOf(0xff, next);
  }
}
