import { ImageError } from '../common/errors/errors.js';

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';

/**
 * HEIC is HEVC-coded: the prebuilt libvips leaves that out for its patents, and the decoders that
 * can be installed are WebAssembly builds of libheif, LGPL-3.0 and several megabytes, which we
 * don't ship for one format. Phones send JPEG when they are told to.
 */
export const heicRefused = (cause?: unknown): ImageError =>
  new ImageError(
    'image_type_unsupported',
    'This is a HEIC photo, which is not supported: send it as JPEG. On an iPhone choose ' +
      'Settings > Camera > Formats > Most Compatible, or share the photo as "Most Compatible"',
    { cause },
  );

/** What libvips says about a file's content, as an ImageError that tells the caller what to do. */
export const translateDecodeError = (error: unknown): ImageError => {
  if (error instanceof ImageError) return error;
  const message = messageOf(error);
  const options = { cause: error };
  if (/pixel limit|too (?:large|big|wide|high)|dimensions? exceed/i.test(message)) {
    return new ImageError('image_too_large', 'The photo has too many pixels', options);
  }
  if (/compression format has not been built|HEVC/i.test(message)) return heicRefused(error);
  if (/timeout/i.test(message)) {
    return new ImageError('image_unreadable', 'The photo takes too long to decode', options);
  }
  if (/unsupported image format/i.test(message)) {
    return new ImageError(
      'image_type_unsupported',
      'The file is not a JPEG, PNG, WebP, AVIF or GIF photo that we can read',
      options,
    );
  }
  return new ImageError('image_unreadable', 'The photo is damaged or incomplete', options);
};
