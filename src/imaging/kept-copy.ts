import { type ImageDecoder, type NormalisedImage } from './image-decoder.js';

/** Longest side of an upload that is kept, in pixels, and the quality it is kept with. */
const KEPT = { maxEdge: 4096, quality: 92 };

/**
 * The copy of an uploaded photo that is stored and served: upright, without metadata.
 * @throws ImageError when it is no photo
 */
export const toKeptCopy = async (decoder: ImageDecoder, file: Buffer): Promise<NormalisedImage> =>
  decoder.normalise(await decoder.inspect(file), KEPT);
