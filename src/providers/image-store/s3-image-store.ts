import { addAbortSignal, Readable } from 'node:stream';

import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { LRUCache } from 'lru-cache';

import { type Clock } from '../../common/clock.js';
import { ImageError } from '../../common/errors/errors.js';
import { type S3Config } from '../../config/storage.config.js';
import { readPhoto } from '../../imaging/read-photo.js';
import {
  type ImageAccess,
  type ImageName,
  type ImageStore,
  isImageName,
  type UploadRequest,
  type UploadTicket,
} from './image-store.port.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { isAbsent, toStoreFailure } from './s3-errors.js';
import { type PostUploadTicket, S3Links } from './s3-links.js';
import { objectKeyOf } from './s3-object-keys.js';

export interface S3ImageStoreOptions {
  readonly s3: S3Config;
  readonly publicBaseUrl: string;
  readonly uploadTtlMs: number;
}

/** A name is never given to another picture. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable';
const FOR_EVER_SECONDS = 31_536_000;
const SECOND_MS = 1_000;
/** A browser that kept a redirect until now still has this long to load what it leads to. */
const LINK_MARGIN_MS = 60_000;
/** Pictures that are known to be there need not be asked for again. */
const KNOWN_NAMES = 5_000;
const MAX_OBJECT_BYTES = 64 * 1_048_576;
const CHECK_KEPT_MS = 10_000;
const NEVER = new AbortController().signal;

/**
 * S3, or a store that speaks its protocol (GCS by HMAC keys, MinIO, R2, Ceph). The bucket stays private:
 * `/images/{name}` redirects to a fresh presigned link, or to the CDN when there is one.
 */
export class S3ImageStore implements ImageStore {
  readonly name = 's3';
  private readonly links: S3Links;
  private readonly known = new LRUCache<ImageName, true>({ max: KNOWN_NAMES });
  private checkedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: S3ImageStoreOptions,
    private readonly client: S3Client,
    private readonly clock: Clock,
  ) {
    this.links = new S3Links(client, clock);
  }

  async put(name: ImageName, bytes: Buffer, contentType: string): Promise<void> {
    const command = new PutObjectCommand({
      ...this.locate(name),
      Body: bytes,
      ContentType: contentType,
      ContentLength: bytes.length,
      CacheControl: CACHE_CONTROL,
    });
    await this.run('put', (abortSignal) => this.client.send(command, { abortSignal }));
    this.known.set(name, true);
  }

  async find(name: ImageName): Promise<Buffer | undefined> {
    return this.read(this.locate(name).Key, MAX_OBJECT_BYTES, NEVER);
  }

  /** Any object of the bucket. @throws ImageError `image_too_large`, ProviderError */
  async read(key: string, maxBytes: number, signal: AbortSignal): Promise<Buffer | undefined> {
    const command = new GetObjectCommand({ Bucket: this.options.s3.bucket, Key: key });
    return this.run(
      'get',
      async (abortSignal) => {
        try {
          const { Body: body } = await this.client.send(command, { abortSignal });
          const stream = addAbortSignal(abortSignal, (body ?? Readable.from([])) as Readable);
          return await readPhoto(stream, maxBytes);
        } catch (error) {
          if (isAbsent(error)) return undefined;
          throw error;
        }
      },
      signal,
    );
  }

  async delete(name: ImageName): Promise<void> {
    this.known.delete(name);
    const command = new DeleteObjectCommand(this.locate(name));
    await this.run('delete', (abortSignal) => this.client.send(command, { abortSignal }));
  }

  async open(name: ImageName): Promise<ImageAccess | undefined> {
    const { s3 } = this.options;
    if (!(await this.isThere(name))) return undefined;
    const { Bucket: bucket, Key: key } = this.locate(name);
    if (s3.cdnBaseUrl !== undefined) {
      return { kind: 'redirect', url: `${s3.cdnBaseUrl}/${key}`, maxAgeSeconds: FOR_EVER_SECONDS };
    }
    const link = await this.run('sign', () => this.links.get(bucket, key, s3.linkTtlMs));
    const leftMs = link.expiresAt.getTime() - this.clock.now() - LINK_MARGIN_MS;
    const maxAgeSeconds = Math.max(0, Math.floor(leftMs / SECOND_MS));
    return { kind: 'redirect', url: link.url, maxAgeSeconds };
  }

  publicUrl(name: ImageName): string {
    const { s3, publicBaseUrl } = this.options;
    if (s3.cdnBaseUrl === undefined) return `${publicBaseUrl}/images/${name}`;
    return `${s3.cdnBaseUrl}/${this.locate(name).Key}`;
  }

  async createUpload({ name, contentType }: UploadRequest): Promise<UploadTicket> {
    const target = this.targetOf(name, contentType);
    const link = await this.run('sign', () => this.links.put(target, this.options.uploadTtlMs));
    return {
      method: 'PUT',
      uploadUrl: link.url,
      headers: { 'Content-Type': contentType },
      expiresAt: link.expiresAt,
    };
  }

  /** A form upload, whose size the store itself checks; a presigned PUT cannot limit it. */
  async createPostUpload(request: UploadRequest): Promise<PostUploadTicket> {
    const target = this.targetOf(request.name, request.contentType);
    const { uploadTtlMs } = this.options;
    return this.run('sign', () => this.links.post(target, request.maxBytes, uploadTtlMs));
  }

  /** Probes come every few seconds; a bucket that was there is believed to be for 10 s. */
  async check(signal: AbortSignal): Promise<void> {
    if (this.clock.now() - this.checkedAt < CHECK_KEPT_MS) return;
    const command = new HeadBucketCommand({ Bucket: this.options.s3.bucket });
    await this.run('check', (abortSignal) => this.client.send(command, { abortSignal }), signal);
    this.checkedAt = this.clock.now();
  }

  private async isThere(name: ImageName): Promise<boolean> {
    if (this.known.has(name)) return true;
    const command = new HeadObjectCommand(this.locate(name));
    const isThere = await this.run('head', async (abortSignal) => {
      try {
        await this.client.send(command, { abortSignal });
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        throw error;
      }
    });
    if (isThere) this.known.set(name, true);
    return isThere;
  }

  private targetOf(
    name: ImageName,
    contentType: string,
  ): { readonly bucket: string; readonly key: string; readonly contentType: string } {
    const { Bucket: bucket, Key: key } = this.locate(name);
    return { bucket, key, contentType };
  }

  private locate(name: ImageName): { readonly Bucket: string; readonly Key: string } {
    if (!isImageName(name)) throw new TypeError('Expected an image name');
    const { bucket, prefix } = this.options.s3;
    return { Bucket: bucket, Key: objectKeyOf(prefix, name) };
  }

  /** The SDK's limit ends with the headers and begins anew with each try; this one covers everything. */
  private async run<T>(
    operation: string,
    work: (abortSignal: AbortSignal) => Promise<T>,
    signal = NEVER,
  ): Promise<T> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), this.options.s3.timeoutMs);
    try {
      return await work(AbortSignal.any([signal, deadline.signal]));
    } catch (error) {
      if (error instanceof ImageError) throw error;
      const cause = deadline.signal.aborted ? new UpstreamError('timeout', 'total') : error;
      throw toStoreFailure(cause, operation, signal, this.clock.now());
    } finally {
      clearTimeout(timer);
    }
  }
}
