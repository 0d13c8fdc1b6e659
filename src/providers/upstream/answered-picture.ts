import { recogniseContent } from '../../imaging/image-format.js';
import { sharp } from '../../imaging/sharp.js';
import { toUnusableAnswer, type UpstreamCall } from './upstream-failure.js';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const DATA_URL = /^data:image\/[a-z+.-]+;base64,/;

/** Strict where Buffer is not: it would skip whatever is no base64 and give half a picture. */
export const decodeBase64 = (text: string, call: UpstreamCall): Buffer => {
  const base64 = text.replace(DATA_URL, '').replaceAll(/\s/g, '');
  if (base64.length % 4 === 1 || !BASE64.test(base64)) {
    throw toUnusableAnswer(call, 'invalid_base64');
  }
  return Buffer.from(base64, 'base64');
};

/**
 * A drawn picture as we take it: JPEG, PNG or WebP with a readable header. The pixels are decoded
 * later, by the step; here it is enough to know whether another generator has to draw.
 *
 * @throws ProviderError
 */
export const assertPicture = async (bytes: Buffer, call: UpstreamCall): Promise<Buffer> => {
  if (recogniseContent(bytes).kind !== 'photo') throw toUnusableAnswer(call, 'no_picture');
  try {
    const { width, height } = await sharp(bytes).metadata();
    if (width >= 1 && height >= 1) return bytes;
  } catch {
    // What libvips says adds nothing: the bytes are no picture.
  }
  throw toUnusableAnswer(call, 'broken_picture');
};
