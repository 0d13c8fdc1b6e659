import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';

import { ImageError } from '../../common/errors/errors.js';
import { providerFailure } from '../upstream/upstream-failure.js';
import { type ImageName } from './image-store.port.js';
import { type S3Bucket } from './s3-bucket.js';
import { objectKeyOf, uploadKeyOf } from './s3-object-keys.js';

/** @throws ImageError when the file is no photo that we take */
export type PhotoCleaner = (file: Buffer) => Promise<Buffer>;

export interface S3UploadsOptions {
  readonly prefix: string;
  readonly maxBytes: number;
}

/** `GET /images` asks for no key: strangers get no more than this of the CPU and the memory. */
const AT_ONCE = 2;
const MAX_WAITING = 16;
const RETRY_AFTER_MS = 1_000;
/** A file that was refused is not decoded again for each question. */
const REFUSALS = { max: 1_000, ttl: 60_000 };

/**
 * Photos that clients sent straight to the bucket, past us. At its first use one is decoded; a copy
 * without metadata goes where our own pictures are, which no client can write to, and the upload is
 * removed. Only the copy is ever served or sent on.
 */
export class S3Uploads {
  private readonly queue = new PQueue({ concurrency: AT_ONCE });
  private readonly underWay = new Map<ImageName, Promise<Buffer | undefined>>();
  private readonly refusals = new LRUCache<string, ImageError>(REFUSALS);

  constructor(
    private readonly options: S3UploadsOptions,
    private readonly bucket: S3Bucket,
    private readonly clean: PhotoCleaner,
  ) {}

  /** The clean copy, stored; undefined when nothing was uploaded. @throws ImageError, ProviderError */
  take(name: ImageName): Promise<Buffer | undefined> {
    const running = this.underWay.get(name);
    if (running) return running;
    const work = this.takeIn(name).finally(() => this.underWay.delete(name));
    this.underWay.set(name, work);
    return work;
  }

  async delete(name: ImageName): Promise<void> {
    await this.bucket.delete(uploadKeyOf(this.options.prefix, name));
  }

  private async takeIn(name: ImageName): Promise<Buffer | undefined> {
    const { prefix, maxBytes } = this.options;
    const upload = await this.bucket.head(uploadKeyOf(prefix, name));
    if (!upload) return undefined;
    if (upload.sizeBytes > maxBytes) {
      throw new ImageError('image_too_large', `A photo may have ${maxBytes} bytes at most.`);
    }
    // By content, so that a second upload over the same link is judged anew.
    const content = `${name} ${upload.etag}`;
    const refusal = this.refusals.get(content);
    if (refusal) throw refusal;
    if (this.queue.size >= MAX_WAITING) throw tooBusy();
    return this.queue.add(() => this.replace(name, content));
  }

  private async replace(name: ImageName, content: string): Promise<Buffer | undefined> {
    const { prefix, maxBytes } = this.options;
    const file = await this.bucket.get(uploadKeyOf(prefix, name), maxBytes);
    if (!file) return undefined;
    const bytes = await this.clean(file).catch((error: unknown) => {
      if (error instanceof ImageError) this.refusals.set(content, error);
      throw error;
    });
    await this.bucket.put(objectKeyOf(prefix, name), bytes, 'image/jpeg');
    // From here on nobody reads it; if it stays, the bucket's lifecycle rule removes it.
    await this.delete(name).catch(() => undefined);
    return bytes;
  }
}

const tooBusy = (): unknown =>
  providerFailure(
    'provider_unavailable',
    { provider: 's3', operation: 'upload', subject: 'The image store' },
    'has many new photos to look through.',
    { reason: 'busy', retryAfterMs: RETRY_AFTER_MS },
  );
