import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ImageError, ProviderError } from '../../common/errors/errors.js';
import { sharp } from '../../imaging/sharp.js';
import { providerCalls } from '../provider.diagnostics.js';
import { type RenderedPixels, type RenderJob } from './embedded/render-job.js';
import { RenderThread } from './embedded/render-thread.js';
import {
  type GeneratedImage,
  type ImageGenerationRequest,
  type ImageGenerator,
} from './image-generator.port.js';

/** Longest side of the picture; a smaller photo keeps its size. */
const MAX_SIDE_PX = 1536;
const JPEG_QUALITY = 88;

type Pixels = Pick<RenderJob, 'pixels' | 'width' | 'height'>;

/**
 * Redraws the desk without any service or key: a retouch of the user's own photo, in five
 * renderings. Layout and products stay as they are; the image prompt is not read. The same photo,
 * concept and seed give the same bytes.
 *
 * sharp decodes and encodes in libuv's threads, the pixel work runs in a worker thread: nothing
 * here holds up the event loop.
 */
@Injectable()
export class EmbeddedImageGenerator implements ImageGenerator, OnApplicationShutdown {
  readonly name = 'embedded';
  readonly model = 'retouch-1';
  private readonly thread = new RenderThread();

  generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    const call = { provider: this.name, operation: 'images.edit', model: this.model };
    return providerCalls.run(call, () => this.redraw(request, signal));
  }

  private async redraw(
    request: ImageGenerationRequest,
    signal: AbortSignal,
  ): Promise<GeneratedImage> {
    signal.throwIfAborted();
    const photo = await decode(request.image);
    const { concept, seed } = request;
    const { pixels } = await this.render({ ...photo, concept, seed }, signal);
    const bytes = await encode({ ...photo, pixels });
    signal.throwIfAborted();
    return { bytes, calls: [], generator: this.name, warnings: [] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.thread.close(
      new ProviderError('provider_unavailable', 'The image generator is shutting down', {
        provider: this.name,
        operation: 'render',
      }),
    );
  }

  private async render(job: RenderJob, signal: AbortSignal): Promise<RenderedPixels> {
    try {
      return await this.thread.render(job, signal);
    } catch (error) {
      if (signal.aborted || error instanceof ProviderError) {
        throw error;
      }
      throw new ProviderError('provider_failed', 'The picture could not be drawn', {
        provider: this.name,
        operation: 'render',
        cause: error,
      });
    }
  }
}

const decode = async (image: Buffer): Promise<Pixels> => {
  try {
    const { data, info } = await sharp(image)
      .autoOrient()
      .resize(MAX_SIDE_PX, MAX_SIDE_PX, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    // A copy in memory of its own, because it is handed over to the thread.
    return { pixels: new Uint8Array(data), width: info.width, height: info.height };
  } catch (error) {
    throw new ImageError('image_unreadable', 'The photo could not be decoded', { cause: error });
  }
};

const encode = async ({ pixels, width, height }: Pixels): Promise<Buffer> =>
  sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' })
    .toBuffer();
