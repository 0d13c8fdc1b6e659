import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  access,
  constants,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { extname, join } from 'node:path';

import { v7 as uuidv7 } from 'uuid';

import { type Clock } from '../../common/clock.js';
import { hasCode } from '../../common/errors/system-error.js';
import {
  type ImageAccess,
  type ImageName,
  type ImageStore,
  isImageName,
  type UploadRequest,
  type UploadTicket,
} from './image-store.port.js';
import { type UploadSigner } from './upload-signer.js';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
};

/** Nothing is written for longer than this, in milliseconds. */
const UNFINISHED_MS = 3_600_000;

export interface LocalImageStoreOptions {
  readonly dataDir: string;
  readonly publicBaseUrl: string;
  readonly uploadTtlMs: number;
}

const isMissing = (error: unknown): boolean =>
  hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');

/** Files under the data folder, each written apart and renamed into its place, so that none is ever half. */
export class LocalImageStore implements ImageStore {
  readonly name = 'local';
  private readonly root: string;
  private readonly unfinished: string;
  private sweepAtMs = 0;

  constructor(
    private readonly options: LocalImageStoreOptions,
    private readonly signer: UploadSigner,
    private readonly clock: Clock,
  ) {
    this.root = join(options.dataDir, 'images');
    this.unfinished = join(this.root, 'unfinished');
  }

  async put(name: ImageName, bytes: Buffer): Promise<void> {
    const path = this.pathOf(name);
    await mkdir(join(path, '..'), { recursive: true });
    await mkdir(this.unfinished, { recursive: true });
    await this.sweep();
    const temporary = join(this.unfinished, uuidv7());
    try {
      const file = await open(temporary, 'wx', 0o640);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async find(name: ImageName): Promise<Buffer | undefined> {
    try {
      return await readFile(this.pathOf(name));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async delete(name: ImageName): Promise<void> {
    await rm(this.pathOf(name), { force: true });
  }

  async open(name: ImageName): Promise<ImageAccess | undefined> {
    const path = this.pathOf(name);
    try {
      const { size, mtimeMs } = await stat(path);
      return {
        kind: 'stream',
        stream: createReadStream(path),
        contentType: CONTENT_TYPES[extname(name)] ?? 'application/octet-stream',
        sizeBytes: size,
        etag: `"${createHash('sha1').update(`${name}:${size}:${mtimeMs}`).digest('hex')}"`,
      };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  publicUrl(name: ImageName): string {
    return `${this.options.publicBaseUrl}/images/${name}`;
  }

  /** Always by PUT: the size is limited either way. */
  async createUpload(request: UploadRequest): Promise<UploadTicket> {
    const expiresAt = new Date(this.clock.now() + this.options.uploadTtlMs);
    const query = new URLSearchParams({
      type: request.contentType,
      max: String(request.maxBytes),
      expires: String(expiresAt.getTime()),
      signature: this.signer.sign(request, expiresAt),
    });
    return {
      method: 'PUT',
      uploadUrl: `${this.options.publicBaseUrl}/uploads/${request.name}?${query}`,
      headers: { 'Content-Type': request.contentType },
      fields: {},
      expiresAt,
    };
  }

  async check(signal: AbortSignal): Promise<void> {
    await mkdir(this.root, { recursive: true });
    signal.throwIfAborted();
    await access(this.root, constants.W_OK);
  }

  /** A process that is killed while it writes leaves its half of a file behind; nobody else will finish it. */
  private async sweep(): Promise<void> {
    const now = this.clock.now();
    if (now < this.sweepAtMs) return;
    this.sweepAtMs = now + UNFINISHED_MS;
    for (const name of await readdir(this.unfinished)) {
      const path = join(this.unfinished, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
      if (mtimeMs < now - UNFINISHED_MS) await rm(path, { force: true });
    }
  }

  /** Two levels by hash keep folders small. */
  private pathOf(name: ImageName): string {
    if (!isImageName(name)) throw new TypeError('Expected an image name');
    return join(this.root, createHash('sha1').update(name).digest('hex').slice(0, 2), name);
  }
}
