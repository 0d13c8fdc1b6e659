import { sharp, type Sharp } from './sharp.js';

export interface ImageLimits {
  /** Width x height of one frame, checked before anything is decoded. */
  readonly maxPixels: number;
  readonly timeoutMs: number;
}

/** A photo that is decoded within the limits; nothing is read yet. */
export const openPhoto = (bytes: Buffer, { maxPixels, timeoutMs }: ImageLimits): Sharp =>
  // Not the stricter "warning": odd but complete JPEGs of some phone makers would be refused.
  sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' }).timeout({
    seconds: Math.max(1, Math.ceil(timeoutMs / 1_000)),
  });
