import { ImageError } from '../../common/errors/errors.js';
import { type ImageStore, isImageName } from '../image-store/image-store.port.js';
import { type ImageSource } from './image-source.port.js';

/**
 * Photos that we store ourselves, such as uploads, are read from the store: our own address may be a
 * private one, which the gate in front of all other addresses refuses.
 */
export class OwnImageSource implements ImageSource {
  private readonly prefix: string;

  constructor(
    publicBaseUrl: string,
    private readonly store: ImageStore,
    private readonly others: ImageSource,
  ) {
    this.prefix = `${publicBaseUrl}/images/`;
  }

  assertAllowed(url: string): void {
    if (this.ownName(url) === undefined) this.others.assertAllowed(url);
  }

  async fetch(url: string, signal: AbortSignal): Promise<Buffer> {
    const name = this.ownName(url);
    if (name === undefined) return this.others.fetch(url, signal);
    const bytes = await this.store.find(name);
    if (bytes) return bytes;
    throw new ImageError(
      'image_unreachable',
      'Nothing has been uploaded to this address yet, or it was removed.',
    );
  }

  release(bytes: Buffer): void {
    this.others.release(bytes);
  }

  private ownName(url: string): string | undefined {
    if (!url.startsWith(this.prefix)) return undefined;
    const name = url.slice(this.prefix.length);
    return isImageName(name) ? name : undefined;
  }
}
