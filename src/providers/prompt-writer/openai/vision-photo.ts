import { ImageError } from '../../../common/errors/errors.js';
import { sharp } from '../../../imaging/sharp.js';

/** More pixels cost tokens and tell the model nothing new about a desk. */
const LONGEST_SIDE = 1_024;
const JPEG_QUALITY = 85;

/** Upright JPEG data URL without metadata; sharp writes none unless it is asked to. */
export const toVisionPhoto = async (photo: Buffer): Promise<string> => {
  try {
    const bytes = await sharp(photo)
      .autoOrient()
      .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .jpeg({ quality: JPEG_QUALITY })
      .toBuffer();
    return `data:image/jpeg;base64,${bytes.toString('base64')}`;
  } catch (cause) {
    throw new ImageError('image_unreadable', 'The photo could not be decoded', { cause });
  }
};
