/** `RIFF`, size, `WEBP`. */
const HEADER_BYTES = 12;
/** Type and length before a chunk's data. */
const CHUNK_HEADER_BYTES = 8;

/**
 * Number of animation frames of a WebP, counted without libvips; stops above `limit`.
 *
 * libvips walks the list of frames from its start for every frame as soon as a file is opened:
 * 8 MB of tiny ones cost a minute and a half of a core, outside of its time limit.
 */
export const countWebpFrames = (bytes: Buffer, limit: number): number => {
  let frames = 0;
  let at = HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= bytes.length && frames <= limit) {
    if (bytes.toString('latin1', at, at + 4) === 'ANMF') frames += 1;
    const length = bytes.readUInt32LE(at + 4);
    // Chunks begin at even offsets.
    at += CHUNK_HEADER_BYTES + length + (length % 2);
  }
  return frames;
};
