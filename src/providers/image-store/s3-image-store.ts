import { type S3Client } from '@aws-sdk/client-s3';
import { LRUCache } from 'lru-cache';

import { type Clock } from '../../common/clock.js';
import { type S3Config } from '../../config/storage.config.js';
import {
  type ImageAccess,
  type ImageName,
  type ImageStore,
  isImageName,
  isUploadName,
  type UploadMethod,
  type UploadRequest,
  type UploadTicket,
} from './image-store.port.js';
import { S3Bucket } from './s3-bucket.js';
import { S3Links } from './s3-links.js';
import { objectKeyOf, uploadKeyOf, uploadNameOf } from './s3-object-keys.js';
import { type PhotoCleaner, S3Uploads } from './s3-uploads.js';

export interface S3ImageStoreOptions {
  readonly s3: S3Config;
  readonly publicBaseUrl: string;
  readonly uploadTtlMs: number;
  /** Of an upload. */
  readonly maxBytes: number;
}

const FOR_EVER_SECONDS = 31_536_000;
const SECOND_MS = 1_000;
/** A browser that kept a redirect until now still has this long to load what it leads to. */
const LINK_MARGIN_MS = 60_000;
/** Pictures that are known to be there need not be asked for again. */
const KNOWN_NAMES = 5_000;
const MAX_OBJECT_BYTES = 64 * 1_048_576;

/**
 * S3, or a store that speaks its protocol (GCS by HMAC keys, MinIO, R2, Ceph). The bucket stays private:
 * `/images/{name}` redirects to a fresh presigned link, or to the CDN when there is one.
 */
export class S3ImageStore implements ImageStore {
  readonly name = 's3';
  private readonly bucket: S3Bucket;
  private readonly links: S3Links;
  private readonly uploads: S3Uploads;
  private readonly known = new LRUCache<ImageName, true>({ max: KNOWN_NAMES });

  constructor(
    private readonly options: S3ImageStoreOptions,
    client: S3Client,
    private readonly clock: Clock,
    clean: PhotoCleaner,
  ) {
    const { s3, maxBytes } = options;
    this.bucket = new S3Bucket(client, s3, clock);
    this.links = new S3Links(client, clock);
    this.uploads = new S3Uploads({ prefix: s3.prefix, maxBytes }, this.bucket, clean);
  }

  async put(name: ImageName, bytes: Buffer, contentType: string): Promise<void> {
    await this.bucket.put(this.keyOf(name), bytes, contentType);
    this.known.set(name, true);
  }

  async find(name: ImageName): Promise<Buffer | undefined> {
    const key = this.keyOf(name);
    const bytes = await this.bucket.get(key, MAX_OBJECT_BYTES);
    if (bytes || !isUploadName(name)) return bytes;
    // Another process may have taken it in between the two questions.
    return (await this.uploads.take(name)) ?? this.bucket.get(key, MAX_OBJECT_BYTES);
  }

  /** Any object of the bucket. @throws ImageError `image_too_large`, ProviderError */
  async read(key: string, maxBytes: number, signal: AbortSignal): Promise<Buffer | undefined> {
    const upload = uploadNameOf(this.options.s3.prefix, key);
    return upload === undefined ? this.bucket.get(key, maxBytes, signal) : this.find(upload);
  }

  async delete(name: ImageName): Promise<void> {
    this.known.delete(name);
    await this.bucket.delete(this.keyOf(name));
    if (isUploadName(name)) await this.uploads.delete(name);
  }

  async open(name: ImageName): Promise<ImageAccess | undefined> {
    const { s3 } = this.options;
    const key = this.keyOf(name);
    if (!(await this.isThere(name))) return undefined;
    if (s3.cdnBaseUrl !== undefined) {
      return { kind: 'redirect', url: `${s3.cdnBaseUrl}/${key}`, maxAgeSeconds: FOR_EVER_SECONDS };
    }
    const link = await this.bucket.run('sign', () => this.links.get(s3.bucket, key, s3.linkTtlMs));
    const leftMs = link.expiresAt.getTime() - this.clock.now() - LINK_MARGIN_MS;
    const maxAgeSeconds = Math.max(0, Math.floor(leftMs / SECOND_MS));
    return { kind: 'redirect', url: link.url, maxAgeSeconds };
  }

  /** Of an upload it is always ours: the CDN has nothing to show before its first use. */
  publicUrl(name: ImageName): string {
    const { s3, publicBaseUrl } = this.options;
    const key = this.keyOf(name);
    if (s3.cdnBaseUrl === undefined || isUploadName(name)) return `${publicBaseUrl}/images/${name}`;
    return `${s3.cdnBaseUrl}/${key}`;
  }

  async createUpload(request: UploadRequest, method: UploadMethod = 'PUT'): Promise<UploadTicket> {
    const { name, contentType, maxBytes } = request;
    if (!isUploadName(name)) throw new TypeError('Expected the name of an upload');
    const { s3, uploadTtlMs } = this.options;
    const target = { bucket: s3.bucket, key: uploadKeyOf(s3.prefix, name), contentType };
    return this.bucket.run('sign', () =>
      method === 'POST'
        ? this.links.post(target, maxBytes, uploadTtlMs)
        : this.links.put(target, uploadTtlMs),
    );
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.bucket.check(signal);
  }

  private async isThere(name: ImageName): Promise<boolean> {
    if (this.known.has(name)) return true;
    const isThere = (await this.isStored(name)) || (await this.isUploaded(name));
    if (isThere) this.known.set(name, true);
    return isThere;
  }

  private async isStored(name: ImageName): Promise<boolean> {
    return (await this.bucket.head(this.keyOf(name))) !== undefined;
  }

  private async isUploaded(name: ImageName): Promise<boolean> {
    if (!isUploadName(name)) return false;
    return (await this.uploads.take(name)) !== undefined || this.isStored(name);
  }

  private keyOf(name: ImageName): string {
    if (!isImageName(name)) throw new TypeError('Expected an image name');
    return objectKeyOf(this.options.s3.prefix, name);
  }
}
