import { type ImageStore } from '../../providers/image-store/image-store.port.js';
import { failed, type HealthCheck, ok } from '../health-check.js';

interface ImageStoreOptions {
  readonly isShared: boolean;
  readonly timeoutMs: number;
}

/** A folder belongs to this instance; a bucket belongs to all of them. */
export const imageStoreCheck = (
  store: Pick<ImageStore, 'name' | 'check'>,
  { isShared, timeoutMs }: ImageStoreOptions,
): HealthCheck => ({
  name: 'image_store',
  scope: isShared ? 'shared' : 'instance',
  whenLate: isShared ? 'failure' : 'busy',
  timeoutMs,
  async run(signal) {
    const data = { kind: store.name };
    try {
      await store.check(signal);
      return ok(data);
    } catch (error) {
      return failed('The image store cannot be written to.', data, error);
    }
  },
});
