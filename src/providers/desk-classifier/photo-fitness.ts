import { translateDecodeError } from '../../imaging/image-decoder.js';
import { sharp } from '../../imaging/sharp.js';
import { type VerdictReason } from './desk-classifier.port.js';

export interface PhotoMeasures {
  /** Shorter side in pixels. */
  readonly shortSide: number;
}

/** Below this a desk and its things cannot be told apart, nor redrawn, in pixels of the shorter side. */
const MIN_SHORT_SIDE = 64;

/** Reads what can be read without decoding. @throws ImageError `image_unreadable` */
export const measurePhoto = async (
  image: Buffer,
  limits: { readonly maxPixels: number },
): Promise<PhotoMeasures> => {
  try {
    const { width, height } = await sharp(image, {
      limitInputPixels: limits.maxPixels,
    }).metadata();
    return { shortSide: Math.min(width, height) };
  } catch (error) {
    throw translateDecodeError(error);
  }
};

/** Why a photo is unfit whatever it shows; null when nothing measured speaks against it. */
export const findUnfitness = (measures: PhotoMeasures): VerdictReason | null =>
  measures.shortSide < MIN_SHORT_SIDE ? 'too_small' : null;
