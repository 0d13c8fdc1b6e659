import { createHash } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { GuardedHttpClient } from '../../src/common/http/outbound/guarded-client.js';
import { HttpImageSource } from '../../src/providers/image-source/http-image-source.js';
import { listenHttp, type Upstream } from './support/upstream.js';

const LIMITS = {
  maxBytes: 4_000_000,
  timeoutMs: 20_000,
  firstByteTimeoutMs: 20_000,
  maxRedirects: 0,
};
const CLIENTS = 8;
const PHOTOS_EACH = 40;

/** Bytes that only this photo has, as many as its name says. */
const photoOf = (path: string): Buffer => {
  const length = Number(/\d+/.exec(path)?.[0]);
  return Buffer.alloc(length, createHash('sha256').update(path).digest());
};

describe('memory of photos that is used again', () => {
  let upstream: Upstream;
  let source: HttpImageSource;

  const fetch = (path: string): Promise<Buffer> =>
    source.fetch(`http://127.0.0.1:${upstream.port}${path}`, new AbortController().signal);

  beforeEach(async () => {
    upstream = await listenHttp(({ url = '' }, response) => {
      const photo = photoOf(url);
      // Without a length the memory grows while the photo comes in.
      if (!url.startsWith('/unsized')) response.setHeader('Content-Length', photo.length);
      if (!url.startsWith('/cut')) return response.end(photo);
      response.write(photo.subarray(0, photo.length / 2));
      return setTimeout(() => response.destroy(), 5);
    });
    const client = new GuardedHttpClient({
      allowedHosts: 'any',
      allowedPrivateHosts: ['127.0.0.1'],
      keepAliveMs: 5_000,
    });
    source = new HttpImageSource(LIMITS, client);
  });

  afterEach(async () => {
    await upstream.close();
  });

  it('shows nothing of a photo to whoever is sent the next one, and nothing of that to late readers', async () => {
    const long = await fetch('/200000');
    const lateReader = long.subarray(100, 200);
    const { byteLength } = long.buffer;

    source.release(long);
    const short = await fetch('/150000');

    expect(short.buffer.byteLength).toBe(byteLength);
    expect(short.equals(photoOf('/150000'))).toBe(true);
    expect(lateReader).toHaveLength(0);
  });

  it('keeps every photo whole until it is released, among many of all sizes and some that break off', async () => {
    const kinds = ['/photo-', '/unsized-', '/photo-', '/cut-'];
    const broken: string[] = [];
    const client = async (_: unknown, number: number): Promise<void> => {
      for (let turn = 0; turn < PHOTOS_EACH; turn += 1) {
        const length = 1_000 + ((turn * 7_919 + number * 104_729) % 997) * 3_000;
        const path = `${kinds[(turn + number) % kinds.length]}${length}-${number}`;
        const photo = await fetch(path).catch(() => undefined);
        // Others are fetched and released meanwhile.
        await new Promise((resolve) => setTimeout(resolve, turn % 5));
        if (Boolean(photo) === path.startsWith('/cut')) broken.push(path);
        if (!photo) continue;
        if (!photo.equals(photoOf(path))) broken.push(path);
        source.release(photo);
      }
    };

    await Promise.all(Array.from({ length: CLIENTS }, client));

    expect(broken).toEqual([]);
  });
});
