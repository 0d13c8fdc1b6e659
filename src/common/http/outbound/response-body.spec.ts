import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';

import { collectBody } from './response-body.js';

const OPTIONS = {
  host: 'images.example.com',
  signal: new AbortController().signal,
  maxBytes: 1_000_000,
};

const read = (parts: readonly Buffer[], contentEncoding = ''): Promise<Buffer> =>
  collectBody(Readable.from(parts), { ...OPTIONS, contentEncoding });

describe('reading a body', () => {
  it('frees what the socket was read into, once its last part is used up', async () => {
    const memory = Buffer.allocUnsafeSlow(90_000).fill('body');
    const other = Buffer.allocUnsafeSlow(80_000).fill('more');
    const whole = Buffer.concat([memory, other.subarray(0, 70_000)]);

    expect(
      await read([memory.subarray(0, 10), memory.subarray(10), other.subarray(0, 70_000)]),
    ).toEqual(whole);
    expect(memory).toHaveLength(0);
    expect(other).toHaveLength(80_000);
  });

  it('leaves the memory that small buffers share alone', async () => {
    const parts = Array.from({ length: 3_000 }, (_, at) => Buffer.from(`part ${at} of a body.`));
    const whole = Buffer.concat(parts.map((part) => Buffer.from(part)));

    expect(await read(parts)).toEqual(whole);
    expect(parts.every((part) => part.length > 0)).toBe(true);
  });

  it('leaves the memory of a decompressor alone', async () => {
    const body = Buffer.alloc(400_000, 'compressible');

    expect(await read([gzipSync(body)], 'gzip')).toEqual(body);
  });

  it.each([
    ['plain', '', (body: Buffer) => body],
    ['compressed', 'gzip', (body: Buffer) => gzipSync(body)],
  ])('reads no further than the limit: %s', async (_, contentEncoding, encode) => {
    let asked = 0;
    const endless = Readable.from(
      (function* () {
        for (asked = 0; asked < 1_000; asked += 1) yield encode(Buffer.alloc(100_000, 'x'));
      })(),
    );

    await expect(collectBody(endless, { ...OPTIONS, contentEncoding })).rejects.toMatchObject({
      kind: 'too_large',
    });
    expect(endless.destroyed).toBe(true);
    expect(asked).toBeLessThan(500);
  });

  it('tells a body that broke off from a whole one', async () => {
    const broken = new Readable({ read: () => undefined });
    broken.push('the first half');
    setImmediate(() => broken.destroy());

    await expect(collectBody(broken, OPTIONS)).rejects.toMatchObject({ kind: 'connection_failed' });
  });
});
