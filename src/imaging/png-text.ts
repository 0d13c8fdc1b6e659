const SIGNATURE_BYTES = 8;
/** Length, type and checksum around a chunk's data. */
const CHUNK_FRAME_BYTES = 12;

const TEXT_CHUNKS = new Set(['tEXt', 'zTXt', 'iTXt']);

/**
 * A PNG without its text chunks; the same buffer when it has none. libvips inflates all of them
 * when it opens a file, before its time limit counts: 11 MB of them cost 10 s of a core. Nobody
 * looks at them, and what they say about the photographer must not be kept anyway.
 */
export const withoutPngText = (bytes: Buffer): Buffer => {
  const kept: Buffer[] = [];
  let keptFrom = 0;
  let at = SIGNATURE_BYTES;
  while (at + CHUNK_FRAME_BYTES <= bytes.length) {
    const end = at + CHUNK_FRAME_BYTES + bytes.readUInt32BE(at);
    if (TEXT_CHUNKS.has(bytes.toString('latin1', at + 4, at + 8))) {
      kept.push(bytes.subarray(keptFrom, at));
      keptFrom = Math.min(end, bytes.length);
    }
    at = end;
  }
  if (keptFrom === 0) return bytes;
  return Buffer.concat([...kept, bytes.subarray(keptFrom)]);
};
