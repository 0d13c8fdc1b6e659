import { Readable } from 'node:stream';

import {
  type ImageAccess,
  type ImageName,
  type ImageStore,
  type UploadRequest,
  type UploadTicket,
} from '../../src/providers/image-store/image-store.port.js';

interface Stored {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** Keeps images in memory. */
export class FakeImageStore implements ImageStore {
  readonly name = 'fake';
  private readonly images = new Map<ImageName, Stored>();

  async put(name: ImageName, bytes: Buffer, contentType: string): Promise<void> {
    this.images.set(name, { bytes: Buffer.from(bytes), contentType });
  }

  async find(name: ImageName): Promise<Buffer | undefined> {
    return this.images.get(name)?.bytes;
  }

  async delete(name: ImageName): Promise<void> {
    this.images.delete(name);
  }

  async open(name: ImageName): Promise<ImageAccess | undefined> {
    const stored = this.images.get(name);
    if (!stored) return undefined;
    return {
      kind: 'stream',
      stream: Readable.from([stored.bytes]),
      contentType: stored.contentType,
      sizeBytes: stored.bytes.length,
      etag: `"${name}"`,
    };
  }

  names(): readonly ImageName[] {
    return [...this.images.keys()];
  }

  publicUrl(name: ImageName): string {
    return `http://fake.example/images/${name}`;
  }

  async createUpload({ name, contentType }: UploadRequest): Promise<UploadTicket> {
    return {
      method: 'PUT',
      uploadUrl: `http://fake.example/uploads/${name}`,
      headers: { 'Content-Type': contentType },
      fields: {},
      expiresAt: new Date(Date.now() + 60_000),
    };
  }

  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }
}
