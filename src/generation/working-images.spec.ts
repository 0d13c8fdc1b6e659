import { describe, expect, it } from '@jest/globals';

import { FakeImageStore } from '../../test/fakes/fake-image-store.js';
import { ProviderError } from '../common/errors/errors.js';
import { WorkingImages } from './working-images.js';

type Code = ConstructorParameters<typeof ProviderError>[0];

const NAME = 'drawn.jpg';
const PICTURE = Buffer.from('a picture');
const never = new AbortController().signal;

/** Fails as often as told, then works. */
class FailingImageStore extends FakeImageStore {
  calls = 0;

  constructor(
    private readonly code: Code,
    public failuresLeft: number,
  ) {
    super();
  }

  override async put(name: string, bytes: Buffer, contentType: string): Promise<void> {
    this.mayFail();
    await super.put(name, bytes, contentType);
  }

  override async find(name: string): Promise<Buffer | undefined> {
    this.mayFail();
    return super.find(name);
  }

  private mayFail(): void {
    this.calls += 1;
    if (this.failuresLeft === 0) return;
    this.failuresLeft -= 1;
    throw new ProviderError(this.code, 'No.', { provider: 's3', operation: 'put' });
  }
}

describe(WorkingImages.name, () => {
  it.each(['provider_unavailable', 'provider_timeout'] as const)(
    'waits with a picture while the store fails by %s',
    async (code) => {
      const store = new FailingImageStore(code, 2);
      await new WorkingImages(store).put(NAME, PICTURE, never);
      expect(await store.find(NAME)).toEqual(PICTURE);
    },
  );

  it('waits for a picture that another process has stored', async () => {
    const store = new FailingImageStore('provider_unavailable', 0);
    await store.put(NAME, PICTURE, 'image/jpeg');
    store.failuresLeft = 2;
    expect(await new WorkingImages(store).get(NAME, never)).toEqual(PICTURE);
  });

  it('waits for nothing that an operator has to repair', async () => {
    const store = new FailingImageStore('provider_failed', 1);
    const put = new WorkingImages(store).put(NAME, PICTURE, never);
    await expect(put).rejects.toMatchObject({ code: 'provider_failed' });
    expect(store.calls).toBe(1);
  });

  it('stops waiting with its step', async () => {
    const store = new FailingImageStore('provider_unavailable', Number.POSITIVE_INFINITY);
    const step = new AbortController();
    const put = new WorkingImages(store).put(NAME, PICTURE, step.signal);
    step.abort();
    await expect(put).rejects.toMatchObject({ code: 'provider_unavailable' });
    const calls = store.calls;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(store.calls).toBe(calls);
  });
});
