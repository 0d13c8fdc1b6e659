import { type ImageDecoder, type NormalisedImage } from '../../imaging/image-decoder.js';
import { type ImageSource } from '../../providers/image-source/image-source.port.js';
import { type FetchedImage } from '../domain/generation.js';
import { type ClaimedTask, sourceName } from '../domain/result-names.js';
import { type WorkingImages } from '../working-images.js';

/** Longest side that is worked on; more detail helps neither the prompt nor the drawing, in pixels. */
const MAX_EDGE = 2048;
const JPEG_QUALITY = 92;

/** Downloads the photo and keeps an upright copy without metadata; the original is never stored. */
export class FetchImageStep {
  constructor(
    private readonly source: ImageSource,
    private readonly decoder: ImageDecoder,
    private readonly images: WorkingImages,
  ) {}

  async run(task: ClaimedTask, url: string, signal: AbortSignal): Promise<FetchedImage> {
    const bytes = await this.source.fetch(url, signal);
    const photo = await this.normalise(bytes).finally(() => this.source.release(bytes));
    const name = sourceName(task);
    await this.images.put(name, photo.bytes, signal);
    return { name, width: photo.width, height: photo.height, sha256: photo.sha256 };
  }

  private async normalise(bytes: Buffer): Promise<NormalisedImage> {
    const inspected = await this.decoder.inspect(bytes);
    return this.decoder.normalise(inspected, { maxEdge: MAX_EDGE, quality: JPEG_QUALITY });
  }
}
