import { type Downloader } from '../../common/http/outbound/guarded-client.js';
import { OutboundError } from '../../common/http/outbound/outbound-error.js';
import { type IntakeConfig } from '../../config/intake.config.js';
import { photoDownloads } from './image-source.diagnostics.js';
import { type ImageSource } from './image-source.port.js';
import { toImageError } from './image-source-errors.js';

// Content-negotiating CDNs then pick what needs no conversion; the decoder judges by content.
const ACCEPT = 'image/jpeg, image/png, image/webp, image/avif, image/gif, */*;q=0.1';

type DownloadLimits = Pick<
  IntakeConfig,
  'maxBytes' | 'timeoutMs' | 'firstByteTimeoutMs' | 'maxRedirects'
>;

/** Photos over http and https, through the address gate and within the intake limits. */
export class HttpImageSource implements ImageSource {
  /** Photos handed out: memory of anybody else's must not be taken away. */
  private readonly handedOut = new WeakSet<Buffer>();

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
    const memory = bytes.buffer as ArrayBuffer;
    memory.transfer(0);
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
    const bytes = await this.client.download(url, { ...this.limits, accept: ACCEPT, signal });
    this.handedOut.add(bytes);
    return bytes;
  }
}
