import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { GuardedHttpClient } from '../../src/common/http/outbound/guarded-client.js';
import { HttpImageSource } from '../../src/providers/image-source/http-image-source.js';
import { ACCEPTED_ADDRESSES, REFUSED_ADDRESSES } from './support/address-vectors.js';
import { listenEverywhere, type Upstream } from './support/upstream.js';

const LIMITS = { maxBytes: 1_000, timeoutMs: 2_000, firstByteTimeoutMs: 1_000, maxRedirects: 3 };
const LOOPBACK = ['127.0.0.1'];

describe('address gate', () => {
  let victim: Upstream;

  beforeAll(async () => {
    victim = await listenEverywhere();
  });

  afterAll(async () => {
    await victim.close();
  });

  it('is tried with at least 150 addresses, each with a name of its own', () => {
    const names = new Set(REFUSED_ADDRESSES.map(({ name }) => name));

    expect(names.size).toBe(REFUSED_ADDRESSES.length);
    expect(names.size).toBeGreaterThanOrEqual(150);
  });

  // A name without an answer of its own leads to loopback: were it asked for, the victim would know.
  it.each(REFUSED_ADDRESSES.map((row) => [row.name, row] as const))(
    'refuses %s',
    async (_, row) => {
      const client = new GuardedHttpClient({
        allowedHosts: 'any',
        allowedPrivateHosts: [],
        allowedPorts: [80, 443, 8080, 8443, victim.port],
        resolve: () => Promise.resolve(row.resolvesTo ?? LOOPBACK),
      });
      const source = new HttpImageSource(LIMITS, client);
      const url = row.url.replaceAll('{port}', String(victim.port));

      await expect(source.fetch(url, new AbortController().signal)).rejects.toMatchObject({
        code: 'image_url_forbidden',
        retryable: false,
      });
      expect(victim.connections()).toBe(0);
    },
  );

  it.each(Object.entries(ACCEPTED_ADDRESSES))('lets pass: %s', (_name, url) => {
    const client = new GuardedHttpClient({ allowedHosts: 'any', allowedPrivateHosts: [] });

    expect(() => client.assertAllowed(url)).not.toThrow();
  });

  it('would have seen a connection: the victim is reachable when it is opened on purpose', async () => {
    const client = new GuardedHttpClient({
      allowedHosts: 'any',
      allowedPrivateHosts: [`127.0.0.1:${victim.port}`],
    });
    const source = new HttpImageSource(LIMITS, client);
    const url = `http://127.0.0.1:${victim.port}/photo.jpg`;

    const bytes = await source.fetch(url, new AbortController().signal);

    expect(bytes.toString()).toBe('reached');
    expect(victim.connections()).toBe(1);
  });
});
