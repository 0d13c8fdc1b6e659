import { ImageError } from '../common/errors/errors.js';

/**
 * Collects a photo that streams in, an upload or an object of ours, and stops at the limit.
 * @throws ImageError `image_too_large`
 */
export const readPhoto = async (
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new ImageError('image_too_large', `A photo may have ${maxBytes} bytes at most.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};
