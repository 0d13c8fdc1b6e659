import { type GuardedHttpClient } from '../../common/http/outbound/guarded-client.js';
import { OutboundError } from '../../common/http/outbound/outbound-error.js';
import { readAtMost } from '../../common/http/outbound/response-body.js';
import { ImageError } from '../../common/errors/errors.js';
import { type IntakeConfig } from '../../config/intake.config.js';
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
  constructor(
    private readonly limits: DownloadLimits,
    private readonly client: GuardedHttpClient,
  ) {}

  assertAllowed(url: string): void {
    try {
      this.client.assertAllowed(url);
    } catch (error) {
      throw error instanceof OutboundError ? toImageError(error) : error;
    }
  }

  async fetch(url: string, signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted();
    try {
      return await this.download(url, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof OutboundError ? toImageError(error) : error;
    }
  }

  private download(url: string, signal: AbortSignal): Promise<Buffer> {
    const { maxBytes, timeoutMs, firstByteTimeoutMs, maxRedirects } = this.limits;
    const options = { timeoutMs, firstByteTimeoutMs, maxRedirects, accept: ACCEPT, signal };
    return this.client.get(url, options, ({ body, contentLength, host }) => {
      // An honest large file is refused before its first byte; a lying one while it streams.
      if (contentLength !== undefined && contentLength > maxBytes) {
        throw new ImageError(
          'image_too_large',
          `The photo has ${contentLength} bytes; at most ${maxBytes} are allowed`,
          { details: { host } },
        );
      }
      return readAtMost(body, maxBytes, host, contentLength);
    });
  }
}
