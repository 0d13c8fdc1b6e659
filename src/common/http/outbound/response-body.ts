import { pipeline, type Readable, type Transform } from 'node:stream';
import { isMarkedAsUntransferable } from 'node:worker_threads';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

import { OutboundError, toOutboundError } from './outbound-error.js';

/**
 * We ask for `identity`, but stores send what an object was saved with. `aws-chunked`, `base64` and
 * `utf-8` are left there by upload tools and say nothing about the bytes.
 */
const MEANINGLESS = new Set(['', 'identity', 'aws-chunked', 'base64', 'utf-8', 'utf8', 'none']);

const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** What a body of unknown length starts with. */
const MIN_BUFFER_BYTES = 65_536;

const findDecoder = (contentEncoding: string, host: string): Transform | undefined => {
  const encodings = contentEncoding
    .split(',')
    .map((encoding) => encoding.trim().toLowerCase())
    .filter((encoding) => !MEANINGLESS.has(encoding));
  if (encodings.length === 0) return undefined;
  // One layer is an old habit of servers; several are a bomb.
  const decoder = encodings.length === 1 ? DECODERS.get(encodings.join()) : undefined;
  if (decoder) return decoder();
  throw new OutboundError('protocol_error', `"${host}" sent a content encoding we cannot read`, {
    reason: 'content_encoding',
    host,
  });
};

/**
 * Frees what the socket was read into, when this was the last part of it. V8 counts such memory and
 * collects garbage for its sake, which took a tenth of the time that large photos needed.
 */
const giveBack = ({ buffer, byteOffset, byteLength }: Uint8Array): void => {
  const isLastPart = byteOffset + byteLength === buffer.byteLength;
  // Node marks its pool for small buffers like this: it belongs to everybody.
  const isShared = isMarkedAsUntransferable(buffer);
  if (isLastPart && !isShared && buffer instanceof ArrayBuffer) buffer.transfer(0);
};

/**
 * The body's bytes with a gzip, deflate or brotli layer taken off while streaming, so that a
 * reader's limit counts expanded bytes and nothing is expanded beyond it. A part is valid until the
 * next one is asked for.
 *
 * @throws OutboundError only
 */
export async function* readBody(
  raw: Readable,
  contentEncoding: string,
  context: { readonly host: string; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array, void> {
  const decoder = findDecoder(contentEncoding, context.host);
  // The callback is needed (an error without one is thrown), the loop below sees the same error.
  const body: Readable = decoder ? pipeline(raw, decoder, () => undefined) : raw;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      yield chunk;
      if (!decoder) giveBack(chunk);
    }
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason as OutboundError;
    throw toOutboundError(error, context.host);
  }
}

/**
 * Collects a body of at most `maxBytes`. The length that the server claims only decides how much
 * memory is taken at once: one buffer for an honest photo instead of hundreds of pieces, which would
 * cost more garbage collection than the photo's decoding costs time.
 *
 * @throws OutboundError `too_large`
 */
export const readAtMost = async (
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  host: string,
  claimedBytes = 0,
): Promise<Buffer<ArrayBuffer>> => {
  let bytes = Buffer.allocUnsafeSlow(Math.min(Math.max(claimedBytes, MIN_BUFFER_BYTES), maxBytes));
  let size = 0;
  for await (const chunk of body) {
    const needed = size + chunk.byteLength;
    if (needed > maxBytes) {
      throw new OutboundError('too_large', `"${host}" sent more than ${maxBytes} bytes`, {
        reason: 'too_large',
        host,
      });
    }
    if (needed > bytes.length) bytes = enlarge(bytes, size, Math.min(needed * 2, maxBytes));
    bytes.set(chunk, size);
    size = needed;
  }
  return bytes.subarray(0, size);
};

const enlarge = (bytes: Buffer, used: number, length: number): Buffer<ArrayBuffer> => {
  const larger = Buffer.allocUnsafeSlow(length);
  larger.set(bytes.subarray(0, used));
  return larger;
};
