import { BodyMemory } from '../../common/http/outbound/body-memory.js';
import { type Downloader } from '../../common/http/outbound/guarded-client.js';
import { OutboundError } from '../../common/http/outbound/outbound-error.js';
import { type IntakeConfig } from '../../config/intake.config.js';
import { photoDownloads } from './image-source.diagnostics.js';
import { type ImageSource } from './image-source.port.js';
import { toImageError } from './image-source-errors.js';

// Content-negotiating CDNs then pick what needs no conversion; the decoder judges by content.
const ACCEPT = 'image/jpeg, image/png, image/webp, image/avif, image/gif, */*;q=0.1';

/** A phone photo and what is smaller; of more under way at once, each pays for its own. */
const KEPT_MEMORY_BYTES = 6_000_000;

type DownloadLimits = Pick<
  IntakeConfig,
  'maxBytes' | 'timeoutMs' | 'firstByteTimeoutMs' | 'maxRedirects'
>;

/** Photos over http and https, through the address gate and within the intake limits. */
export class HttpImageSource implements ImageSource {
  /** Photos handed out: memory of anybody else's must not be taken away. */
  private readonly handedOut = new WeakSet<Buffer>();
  private readonly memory = new BodyMemory(KEPT_MEMORY_BYTES);

  constructor(
    private readonly limits: DownloadLimits,
    private readonly client: Downloader,
  ) {}

  assertAllowed(url: string): void {
    try {
      this.client.assertAllowed(url);
    } catch (error) {
      throw error instanceof OutboundError ? toImageError(error) : error;
    }
  }

  fetch(url: string, signal: AbortSignal): Promise<Buffer> {
    return photoDownloads.run({}, () => this.fetchOnce(url, signal));
  }

  release(bytes: Buffer): void {
    if (!this.handedOut.delete(bytes)) return;
    this.memory.giveBack(bytes as Buffer<ArrayBuffer>);
  }

  private async fetchOnce(url: string, signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted();
    try {
      return await this.download(url, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof OutboundError ? toImageError(error) : error;
    }
  }

  private async download(url: string, signal: AbortSignal): Promise<Buffer> {
    const { limits, memory } = this;
    const bytes = await this.client.download(url, { ...limits, accept: ACCEPT, memory, signal });
    this.handedOut.add(bytes);
    return bytes;
  }
}
