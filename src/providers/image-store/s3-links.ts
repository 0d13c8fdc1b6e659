import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

import { type Clock } from '../../common/clock.js';
import { type UploadTicket } from './image-store.port.js';

export interface SignedLink {
  readonly url: string;
  readonly expiresAt: Date;
}

export interface UploadTarget {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
}

const SECOND_MS = 1_000;
/** Temporary credentials are replaced before they end; what is signed with them should end first. */
const CREDENTIALS_MARGIN_MS = 60_000;
const MIN_LIFETIME_MS = SECOND_MS;

/** Presigned links that are honest about their lifetime: none outlives the credentials that signed it. */
export class S3Links {
  constructor(
    private readonly client: S3Client,
    private readonly clock: Clock,
  ) {}

  async get(bucket: string, key: string, ttlMs: number): Promise<SignedLink> {
    return this.sign(ttlMs, (expiresIn) =>
      getSignedUrl(this.client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn }),
    );
  }

  /** The content type is part of the signature, so the client has to send exactly this one. */
  async put({ bucket, key, contentType }: UploadTarget, ttlMs: number): Promise<UploadTicket> {
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: contentType });
    const { url, expiresAt } = await this.sign(ttlMs, (expiresIn) =>
      getSignedUrl(this.client, command, {
        expiresIn,
        signableHeaders: new Set(['content-type']),
      }),
    );
    const headers = { 'Content-Type': contentType };
    return { method: 'PUT', uploadUrl: url, headers, fields: {}, expiresAt };
  }

  /** A form, whose size the store itself checks; a presigned PUT cannot limit it. */
  async post(target: UploadTarget, maxBytes: number, ttlMs: number): Promise<UploadTicket> {
    const { bucket, key, contentType } = target;
    const lifetimeMs = await this.honest(ttlMs);
    const expiresAt = new Date(this.clock.now() + lifetimeMs);
    const { url, fields } = await createPresignedPost(this.client, {
      Bucket: bucket,
      Key: key,
      Fields: { 'Content-Type': contentType },
      Conditions: [
        ['content-length-range', 1, maxBytes],
        ['eq', '$Content-Type', contentType],
      ],
      Expires: Math.floor(lifetimeMs / SECOND_MS),
    });
    return { method: 'POST', uploadUrl: url, headers: {}, fields, expiresAt };
  }

  private async sign(
    ttlMs: number,
    make: (expiresIn: number) => Promise<string>,
  ): Promise<SignedLink> {
    const lifetimeMs = await this.honest(ttlMs);
    const expiresAt = new Date(this.clock.now() + lifetimeMs);
    return { url: await make(Math.floor(lifetimeMs / SECOND_MS)), expiresAt };
  }

  private async honest(ttlMs: number): Promise<number> {
    const { expiration } = await this.client.config.credentials();
    if (!expiration) return ttlMs;
    const leftMs = expiration.getTime() - this.clock.now() - CREDENTIALS_MARGIN_MS;
    return Math.max(MIN_LIFETIME_MS, Math.min(ttlMs, leftMs));
  }
}
