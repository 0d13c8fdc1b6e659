import { addAbortSignal, Readable } from 'node:stream';

import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

import { type Clock } from '../../common/clock.js';
import { ImageError } from '../../common/errors/errors.js';
import { type S3Config } from '../../config/storage.config.js';
import { readPhoto } from '../../imaging/read-photo.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { isAbsent, toStoreFailure } from './s3-errors.js';

export interface ObjectFacts {
  readonly sizeBytes: number;
  /** Another one for other content. */
  readonly etag: string;
}

/** A name is never given to another picture. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable';
const NEVER = new AbortController().signal;

const unlessAbsent = (error: unknown): undefined => {
  if (isAbsent(error)) return undefined;
  throw error;
};

/** One bucket by keys: each call within one time limit, each failure in our words. */
export class S3Bucket {
  constructor(
    private readonly client: S3Client,
    private readonly config: Pick<S3Config, 'bucket' | 'timeoutMs'>,
    private readonly clock: Clock,
  ) {}

  async put(key: string, bytes: Buffer, contentType: string): Promise<void> {
    const command = new PutObjectCommand({
      ...this.at(key),
      Body: bytes,
      ContentType: contentType,
      ContentLength: bytes.length,
      CacheControl: CACHE_CONTROL,
    });
    await this.run('put', (abortSignal) => this.client.send(command, { abortSignal }));
  }

  /** @throws ImageError `image_too_large`, ProviderError */
  get(key: string, maxBytes: number, signal = NEVER): Promise<Buffer | undefined> {
    const command = new GetObjectCommand(this.at(key));
    const read = async (abortSignal: AbortSignal): Promise<Buffer> => {
      const { Body: body } = await this.client.send(command, { abortSignal });
      const stream = addAbortSignal(abortSignal, (body ?? Readable.from([])) as Readable);
      return readPhoto(stream, maxBytes);
    };
    return this.run('get', (abortSignal) => read(abortSignal).catch(unlessAbsent), signal);
  }

  head(key: string): Promise<ObjectFacts | undefined> {
    const command = new HeadObjectCommand(this.at(key));
    const read = async (abortSignal: AbortSignal): Promise<ObjectFacts> => {
      const { ContentLength, ETag } = await this.client.send(command, { abortSignal });
      return { sizeBytes: ContentLength ?? 0, etag: ETag ?? '' };
    };
    return this.run('head', (abortSignal) => read(abortSignal).catch(unlessAbsent));
  }

  async delete(key: string): Promise<void> {
    const command = new DeleteObjectCommand(this.at(key));
    await this.run('delete', (abortSignal) => this.client.send(command, { abortSignal }));
  }

  async check(signal: AbortSignal): Promise<void> {
    const command = new HeadBucketCommand({ Bucket: this.config.bucket });
    await this.run('check', (abortSignal) => this.client.send(command, { abortSignal }), signal);
  }

  /** The SDK's limit ends with the headers and begins anew with each try; this one covers everything. */
  async run<T>(
    operation: string,
    work: (abortSignal: AbortSignal) => Promise<T>,
    signal = NEVER,
  ): Promise<T> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), this.config.timeoutMs);
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

  private at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.config.bucket, Key: key };
  }
}
