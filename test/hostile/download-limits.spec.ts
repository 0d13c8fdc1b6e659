import { inspect } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { GuardedHttpClient } from '../../src/common/http/outbound/guarded-client.js';
import { HttpImageSource } from '../../src/providers/image-source/http-image-source.js';
import { listenRaw, type Upstream } from './support/upstream.js';
import { BEHAVIOURS, MAX_BYTES } from './support/upstream-behaviours.js';

const LIMITS = { maxBytes: MAX_BYTES, timeoutMs: 500, firstByteTimeoutMs: 250, maxRedirects: 3 };
/** For what ends by itself: a busy machine must not be taken for a slow server. */
const PATIENT = { ...LIMITS, timeoutMs: 20_000, firstByteTimeoutMs: 10_000 };
const SECRET = 'X-Amz-Signature=5eC2e7';

describe('download limits', () => {
  let upstream: Upstream;

  const client = new GuardedHttpClient({
    allowedHosts: 'any',
    allowedPrivateHosts: ['127.0.0.1'],
  });
  const source = new HttpImageSource(LIMITS, client);
  const patientSource = new HttpImageSource(PATIENT, client);
  const urlOf = (path: string): string => `http://127.0.0.1:${upstream.port}/${path}?${SECRET}`;
  const fetchPath = (path: string, signal = new AbortController().signal): Promise<Buffer> =>
    source.fetch(urlOf(path), signal);
  const fetchPatiently = (path: string): Promise<Buffer> =>
    patientSource.fetch(urlOf(path), new AbortController().signal);

  beforeAll(async () => {
    upstream = await listenRaw((socket, path) => {
      BEHAVIOURS[path.slice(1).split('?')[0] ?? '']?.(socket);
    });
  });

  afterAll(async () => {
    await upstream.close();
  });

  it.each([
    ['ok', 'photo'],
    ['html', '<html></html>'],
    ['empty', ''],
    ['claims-too-little', 'photo'],
    ['gzip', 'photo'],
    ['gzip-upper', 'photo'],
    ['deflate', 'photo'],
    ['brotli', 'photo'],
    ['aws-chunked', 'photo'],
    ['redirect-with-endless-body', 'photo'],
  ])('reads %s', async (path, expected) => {
    expect((await fetchPatiently(path)).toString()).toBe(expected);
  });

  it('reads a photo of exactly the limit', async () => {
    expect((await fetchPatiently('exact')).length).toBe(MAX_BYTES);
  });

  it.each([
    'one-more',
    'claims-20-mb',
    'sends-20-mb',
    'chunked-for-ever',
    'no-length-for-ever',
    'gzip-bomb',
    'brotli-bomb',
  ])('ends %s as too large', async (path) => {
    await expect(fetchPatiently(path)).rejects.toMatchObject({
      code: 'image_too_large',
      retryable: false,
    });
  });

  it.each([
    'never-answers',
    'slow-headers',
    'slow-body',
    'stops-mid-body',
    'continues-for-ever',
    'tiny-chunks-for-ever',
    'huge-chunk-extension',
    'endless-status-line',
  ])('ends %s in time, to be tried again', async (path) => {
    const startedAt = Date.now();

    await expect(fetchPath(path)).rejects.toMatchObject({
      code: 'image_unreachable',
      retryable: true,
    });
    expect(Date.now() - startedAt).toBeLessThan(LIMITS.timeoutMs + 1_500);
  });

  it.each([
    ['resets-at-once', true],
    ['resets-mid-body', true],
    ['closes-at-once', true],
    ['claims-too-much', true],
    ['two-lengths', false],
    ['length-and-chunked', false],
    ['bad-chunk', false],
    ['tiny-chunks-at-once', false],
    ['endless-headers', false],
    ['not-http', false],
    ['http-0-9', false],
    ['gzip-twice', false],
    ['gzip-broken', false],
    ['gzip-cut', false],
    ['unknown-encoding', false],
    ['proto-encoding', false],
    ['redirect-without-location', false],
    ['redirect-loop', false],
    ['not-modified', false],
    ['multiple-choices', false],
    ['403', false],
    ['404', false],
    ['408', true],
    ['410', false],
    ['425', true],
    ['429', true],
    ['500', true],
    ['503', true],
  ])('reports %s as unreachable, retryable: %s', async (path, retryable) => {
    await expect(fetchPath(path)).rejects.toMatchObject({ code: 'image_unreachable', retryable });
  });

  it.each(['tiny-chunks-at-once', 'tiny-compressed-chunks-at-once'])(
    'gives up on a body of single bytes long before the size limit: %s',
    async (path) => {
      await expect(fetchPatiently(path)).rejects.toMatchObject({
        code: 'image_unreachable',
        details: { reason: 'tiny_parts' },
      });
    },
  );

  it.each([
    ['429', 7_000],
    ['503', 120_000],
    ['500', undefined],
  ])('hands on Retry-After of a %s', async (path, retryAfterMs) => {
    await expect(fetchPath(path)).rejects.toMatchObject({ retryAfterMs });
  });

  it.each(['switches', '999'])('survives %s', async (path) => {
    await expect(fetchPath(path)).rejects.toMatchObject({ code: 'image_unreachable' });
  });

  it('ends with the reason of its caller when it is given up', async () => {
    const controller = new AbortController();
    const running = fetchPath('slow-body', controller.signal);
    setTimeout(() => controller.abort(new Error('the task was canceled')), 50);

    await expect(running).rejects.toThrow('the task was canceled');
  });

  it('does not even connect when it was given up before', async () => {
    const before = upstream.connections();

    await expect(fetchPath('ok', AbortSignal.abort(new Error('too late')))).rejects.toThrow(
      'too late',
    );
    expect(upstream.connections()).toBe(before);
  });

  it('uses a connection once', async () => {
    const before = upstream.connections();

    await fetchPath('ok');
    await fetchPath('ok');

    expect(upstream.connections()).toBe(before + 2);
  });

  it.each(Object.keys(BEHAVIOURS))('tells nothing of the signed query after %s', async (path) => {
    const outcome: unknown = await fetchPath(path).catch((error: unknown) => error);

    const seen = inspect(outcome, { depth: 10, showHidden: true });
    expect(seen).not.toContain('5eC2e7');
    expect(seen).not.toContain('AccessDenied');
  });

  it.each([
    ['refused', `http://127.0.0.1:1/a?${SECRET}`],
    ['malformed', `http://[bad/a?${SECRET}`],
    ['forbidden', `http://10.0.0.1/a?${SECRET}`],
    ['with a password', `http://user:5eC2e7@example.com/a?${SECRET}`],
    ['of another scheme', `gopher://example.com/a?${SECRET}`],
  ])('tells nothing of the signed query of an address that is %s', async (_name, url) => {
    const outcome: unknown = await source
      .fetch(url, new AbortController().signal)
      .catch((error: unknown) => error);

    expect(inspect(outcome, { depth: 10, showHidden: true })).not.toContain('5eC2e7');
  });
});
