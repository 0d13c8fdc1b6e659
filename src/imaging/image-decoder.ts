import { createHash } from 'node:crypto';

import { ImageError } from '../common/errors/errors.js';
import { assertFrames, withoutCostlyStructure } from './costly-structure.js';
import { heicRefused, translateDecodeError } from './decode-errors.js';
import { type ImageFormat, recogniseContent } from './image-format.js';
import { type ImageLimits, openPhoto } from './open-photo.js';
import { findPixelSize, type PixelSize } from './pixel-size.js';
import { sharp } from './sharp.js';

/** A photo whose header was read and found acceptable; its pixels are still untouched. */
export interface InspectedImage {
  /** The file as it came, but for the text chunks of a PNG. */
  readonly bytes: Buffer;
  readonly format: ImageFormat;
  /** In pixels, as stored: the orientation tag may turn it. */
  readonly width: number;
  readonly height: number;
}

/** Upright, sRGB, opaque, 8 bit, without any metadata: what may be stored and sent on. */
export interface NormalisedImage {
  /** JPEG. */
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  /** Of `bytes`, in hex. */
  readonly sha256: string;
}

export interface NormaliseOptions {
  /** Longest side of the result in pixels; smaller photos are not enlarged. */
  readonly maxEdge: number;
  /** JPEG quality, 1–100. */
  readonly quality: number;
}

export { translateDecodeError };

/** Longest side that JPEG can describe; beyond it only crafted headers exist. */
const MAX_EDGE = 65_535;

/** Makes a photo out of bytes from outside, or says why they are none. */
export class ImageDecoder {
  constructor(private readonly limits: ImageLimits) {}

  /**
   * Judges the file by its first bytes and its header; decodes no pixel.
   * @throws ImageError `image_type_unsupported`, `image_unreadable` or `image_too_large`
   */
  async inspect(file: Buffer): Promise<InspectedImage> {
    const format = this.recognise(file);
    const bytes = withoutCostlyStructure(file, format);
    const { width, height } = findPixelSize(bytes, format) ?? (await this.readSize(bytes, format));
    this.assertSize({ width, height });
    return { bytes, format, width, height };
  }

  /** @throws ImageError `image_unreadable` when the pixels are damaged, cut off or too slow */
  async normalise(image: InspectedImage, options: NormaliseOptions): Promise<NormalisedImage> {
    const pipeline = openPhoto(image.bytes, this.limits)
      .autoOrient()
      .resize({
        width: options.maxEdge,
        height: options.maxEdge,
        fit: 'inside',
        withoutEnlargement: true,
      })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .jpeg({ quality: options.quality });
    try {
      const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
      const sha256 = createHash('sha256').update(data).digest('hex');
      return { bytes: data, width: info.width, height: info.height, sha256 };
    } catch (error) {
      throw translateDecodeError(error);
    }
  }

  private recognise(bytes: Buffer): ImageFormat {
    const content = recogniseContent(bytes);
    if (content.kind === 'photo') return content.format;
    if (content.kind === 'heic') throw heicRefused();
    throw new ImageError(
      'image_type_unsupported',
      `This is ${content.name}, not a photo: send JPEG, PNG, WebP, AVIF or GIF`,
    );
  }

  private async readSize(bytes: Buffer, format: ImageFormat): Promise<PixelSize> {
    try {
      // The pixel limit is checked later, where the message can name it.
      const metadata = await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata();
      // The loader must be the one that the first bytes promise, or a file is two things at once.
      if (metadata.format !== (format === 'avif' ? 'heif' : format)) {
        throw new Error('unsupported image format');
      }
      if (metadata.compression === 'hevc') throw heicRefused();
      assertFrames(metadata.pages ?? 1);
      return metadata;
    } catch (error) {
      throw translateDecodeError(error);
    }
  }

  private assertSize({ width, height }: PixelSize): void {
    if (!(width >= 1 && height >= 1)) {
      throw new ImageError('image_unreadable', 'The photo has no pixels');
    }
    if (width > MAX_EDGE || height > MAX_EDGE || width * height > this.limits.maxPixels) {
      throw new ImageError(
        'image_too_large',
        `The photo has ${width} x ${height} pixels; at most ${this.limits.maxPixels} in all are allowed`,
      );
    }
  }
}
