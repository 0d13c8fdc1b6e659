import { LRUCache } from 'lru-cache';

import { NotFoundError, ProviderError } from '../common/errors/errors.js';
import { cacheLookups } from '../common/telemetry/cache-lookups.js';
import { type ImageStore } from '../providers/image-store/image-store.port.js';
import { patiently } from '../tasks/patience.js';

/** Bytes of recent images are kept at hand: the next step usually runs in the same process. */
const CACHE_BYTES = 64 * 1024 * 1024;

/** Down or slow, as opposed to a bucket that is gone or a key that is wrong. */
const isAway = (error: unknown): boolean =>
  error instanceof ProviderError && error.code !== 'provider_failed';

/**
 * The images of running tasks: written through to the store, read from memory where possible. While the
 * store is away they wait for it until `signal`: a picture that has been paid for is not thrown away.
 */
export class WorkingImages {
  private readonly cache = new LRUCache<string, Buffer>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (bytes) => Math.max(1, bytes.length),
  });

  constructor(private readonly store: ImageStore) {}

  async put(name: string, bytes: Buffer, signal: AbortSignal): Promise<void> {
    await patiently(() => this.store.put(name, bytes, 'image/jpeg'), signal, isAway);
    this.cache.set(name, bytes);
  }

  /** @throws NotFoundError when the image is gone from the store */
  async get(name: string, signal: AbortSignal): Promise<Buffer> {
    const known = this.cache.get(name);
    cacheLookups.tell({ cache: 'pictures', isHit: known !== undefined });
    const bytes = known ?? (await patiently(() => this.store.find(name), signal, isAway));
    if (!bytes) throw new NotFoundError(`The image ${name} is no longer stored.`);
    return bytes;
  }

  async delete(names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.cache.delete(name);
      await this.store.delete(name);
    }
  }
}
