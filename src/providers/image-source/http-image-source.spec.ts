import { describe, expect, it } from '@jest/globals';

import { type ResolveHost } from '../../common/http/outbound/checked-connection.js';
import { GuardedHttpClient } from '../../common/http/outbound/guarded-client.js';
import {
  OutboundError,
  type OutboundErrorKind,
} from '../../common/http/outbound/outbound-error.js';
import { HttpImageSource } from './http-image-source.js';
import { toImageError } from './image-source-errors.js';

const LIMITS = { maxBytes: 1_000, timeoutMs: 300, firstByteTimeoutMs: 200, maxRedirects: 3 };

const fetchWith = (resolve: ResolveHost): Promise<Buffer> => {
  const client = new GuardedHttpClient({ allowedHosts: 'any', allowedPrivateHosts: [], resolve });
  return new HttpImageSource(LIMITS, client).fetch(
    'https://images.example.com/photo.jpg',
    new AbortController().signal,
  );
};

const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe(HttpImageSource.name, () => {
  it.each([
    ['ENOTFOUND', false],
    ['ENODATA', false],
    ['EAI_AGAIN', true],
    ['ESERVFAIL', true],
    ['ETIMEOUT', true],
  ])('tries again after %s of the resolver: %s', async (code, retryable) => {
    await expect(fetchWith(() => Promise.reject(failure(code)))).rejects.toMatchObject({
      code: 'image_unreachable',
      retryable,
      details: { host: 'images.example.com', reason: code },
    });
  });

  it('takes a name without addresses for a name that does not exist', async () => {
    await expect(fetchWith(() => Promise.resolve([]))).rejects.toMatchObject({
      code: 'image_unreachable',
      retryable: false,
    });
  });

  it('does not wait for a resolver that never answers', async () => {
    await expect(fetchWith(() => new Promise<never>(() => undefined))).rejects.toMatchObject({
      code: 'image_unreachable',
      retryable: true,
      details: { reason: 'first_byte' },
    });
  });

  it('does not tell the caller which private range a name leads to', async () => {
    await expect(fetchWith(() => Promise.resolve(['10.9.8.7']))).rejects.toMatchObject({
      code: 'image_url_forbidden',
      message: '"images.example.com" is not a public host',
      details: { reason: 'private' },
    });
  });
});

describe('HttpImageSource.assertAllowed', () => {
  const source = new HttpImageSource(
    LIMITS,
    new GuardedHttpClient({ allowedHosts: 'any', allowedPrivateHosts: [] }),
  );

  it.each(['http://127.0.0.1/', 'ftp://images.example.com/', 'http://localhost/', 'photo.jpg'])(
    'refuses %s as soon as it is named',
    (url) => {
      expect(() => source.assertAllowed(url)).toThrow(
        expect.objectContaining({ code: 'image_url_forbidden', retryable: false }),
      );
    },
  );

  it('accepts a public address', () => {
    expect(() => source.assertAllowed('https://images.example.com/photo.jpg')).not.toThrow();
  });
});

describe(toImageError.name, () => {
  const CODES: Readonly<Record<OutboundErrorKind, string>> = {
    forbidden_url: 'image_url_forbidden',
    forbidden_address: 'image_url_forbidden',
    too_large: 'image_too_large',
    dns_failed: 'image_unreachable',
    connection_failed: 'image_unreachable',
    tls_failed: 'image_unreachable',
    timeout: 'image_unreachable',
    http_status: 'image_unreachable',
    too_many_redirects: 'image_unreachable',
    protocol_error: 'image_unreachable',
    aborted: 'image_unreachable',
  };

  it.each(Object.entries(CODES))('translates %s into %s', (kind, code) => {
    const error = new OutboundError(kind as OutboundErrorKind, 'what happened', {
      reason: 'because',
      host: 'images.example.com',
      isTransient: true,
      retryAfterMs: 5_000,
    });

    expect(toImageError(error)).toMatchObject({
      code,
      message: 'what happened',
      retryable: true,
      retryAfterMs: 5_000,
      details: { host: 'images.example.com', reason: 'because' },
    });
  });

  it("takes the memory of its own photos back, and nobody else's", async () => {
    const photo = Buffer.alloc(100_000, 'photo');
    const client = { assertAllowed: () => undefined, download: () => Promise.resolve(photo) };
    const source = new HttpImageSource(LIMITS, client);
    const others = Buffer.from('in the pool of all small buffers');

    const fetched = await source.fetch('https://a.example/', new AbortController().signal);
    source.release(others);
    source.release(fetched);
    source.release(fetched);

    expect(fetched).toHaveLength(0);
    expect(others.toString()).toBe('in the pool of all small buffers');
  });
});
