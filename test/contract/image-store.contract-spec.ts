import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { type Clock, systemClock } from '../../src/common/clock.js';
import { type ImageStore } from '../../src/providers/image-store/image-store.port.js';
import { LocalImageStore } from '../../src/providers/image-store/local-image-store.js';
import { createS3Client } from '../../src/providers/image-store/s3-client.js';
import { S3ImageStore } from '../../src/providers/image-store/s3-image-store.js';
import { S3OwnImages } from '../../src/providers/image-store/s3-own-images.js';
import { UploadSigner } from '../../src/providers/image-store/upload-signer.js';
import { type S3Config } from '../../src/config/storage.config.js';
import { FakeImageStore } from '../fakes/fake-image-store.js';
import { BUCKET, type S3Server, startS3Server, whyNoS3Server } from '../support/s3/s3-server.js';
import { anS3Config } from '../support/upstreams/provider-configs.js';
import { type LocalServer, startLocalServer } from '../support/upstreams/local-server.js';

const PUBLIC = 'https://api.example';
const BYTES = Buffer.from('not looked at by a store');

const s3Store = (config: S3Config, clock: Clock = systemClock): S3ImageStore =>
  new S3ImageStore(
    { s3: config, publicBaseUrl: PUBLIC, uploadTtlMs: 60_000 },
    createS3Client(config),
    clock,
  );

const keep = (create: () => ImageStore): void => {
  const name = (): string => `${uuidv7()}-input.jpg`;

  it('keeps a picture, replaces it and gives it back', async () => {
    const store = create();
    const picture = name();
    await store.put(picture, BYTES, 'image/jpeg');
    await store.put(picture, Buffer.concat([BYTES, BYTES]), 'image/jpeg');

    expect(await store.find(picture)).toEqual(Buffer.concat([BYTES, BYTES]));
  });

  it('knows what it does not have', async () => {
    const store = create();

    expect(await store.find(name())).toBeUndefined();
    expect(await store.open(name())).toBeUndefined();
  });

  it('deletes, twice if need be', async () => {
    const store = create();
    const picture = name();
    await store.put(picture, BYTES, 'image/jpeg');
    await store.delete(picture);
    await store.delete(picture);

    expect(await store.find(picture)).toBeUndefined();
    expect(await store.open(picture)).toBeUndefined();
  });

  it('opens a picture for a client, as itself or as a link that works', async () => {
    const store = create();
    const picture = name();
    await store.put(picture, BYTES, 'image/jpeg');
    const access = await store.open(picture);

    expect(access).toBeDefined();
    if (access?.kind === 'stream') {
      expect(await buffer(access.stream)).toEqual(BYTES);
    } else {
      const answer = await fetch(access?.url ?? '');
      expect(answer.headers.get('content-type')).toBe('image/jpeg');
      expect(answer.headers.get('cache-control')).toContain('immutable');
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(BYTES);
    }
  });

  it('hands out the same short link for ever', () => {
    const picture = name();
    const link = create().publicUrl(picture);

    expect(link).toBe(create().publicUrl(picture));
    expect(link.length).toBeLessThanOrEqual(255);
    expect(link).not.toContain('?');
  });

  it('makes upload links that end', async () => {
    const ticket = await create().createUpload({
      name: name(),
      contentType: 'image/png',
      maxBytes: 1_000,
    });

    expect(ticket.method).toBe('PUT');
    expect(ticket.headers).toEqual({ 'Content-Type': 'image/png' });
    expect(ticket.expiresAt.getTime()).toBeGreaterThan(Date.now());
  });

  it('can be written to', async () => {
    await expect(create().check(new AbortController().signal)).resolves.toBeUndefined();
  });
};

describe('ImageStore: fake', () => {
  const store = new FakeImageStore();
  keep(() => store);
});

describe('ImageStore: local', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-store-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));
  keep(
    () =>
      new LocalImageStore(
        { dataDir, publicBaseUrl: PUBLIC, uploadTtlMs: 60_000 },
        new UploadSigner('k'.repeat(32)),
        systemClock,
      ),
  );
});

if (whyNoS3Server !== undefined) process.stderr.write(`S3 tests are left out, ${whyNoS3Server}\n`);
const describeS3 = whyNoS3Server === undefined ? describe : describe.skip;

describeS3('ImageStore: s3, against a server that checks signatures', () => {
  let server: S3Server;
  const config = (changes: Partial<S3Config> = {}): S3Config => anS3Config(server.url, changes);

  beforeAll(async () => {
    server = await startS3Server();
  });

  afterAll(() => server.close());

  keep(() => s3Store(config()));

  const send = (url: string, init: RequestInit = {}): Promise<number> =>
    fetch(url, init).then(({ status }) => status);

  it('takes an upload by its link with the signed content type, and no other', async () => {
    const store = s3Store(config());
    const name = `${uuidv7()}.jpg`;
    const { uploadUrl, headers } = await store.createUpload({
      name,
      contentType: 'image/png',
      maxBytes: 1_000,
    });
    const body = new Uint8Array(BYTES);

    expect(uploadUrl).not.toMatch(/checksum/i);
    const html = { 'Content-Type': 'text/html' };
    expect(await send(uploadUrl, { method: 'PUT', headers: html, body })).toBe(403);
    expect(await send(uploadUrl, { method: 'PUT', headers, body })).toBe(200);
    expect(await store.find(name)).toEqual(BYTES);
    expect(
      await send(uploadUrl.replace(/Signature=../, 'Signature=00'), {
        method: 'PUT',
        headers,
        body,
      }),
    ).toBe(403);
    expect(
      await send(uploadUrl.replace(name, `${uuidv7()}.jpg`), { method: 'PUT', headers, body }),
    ).toBe(403);
  });

  it('takes a form upload within the size and of the type that it was made for', async () => {
    const store = s3Store(config());
    const name = `${uuidv7()}.jpg`;
    const ticket = await store.createPostUpload({ name, contentType: 'image/jpeg', maxBytes: 100 });
    const post = (
      bytes: number,
      changes: Readonly<Record<string, string>> = {},
    ): Promise<number> => {
      const form = new FormData();
      const fields = { ...ticket.fields, ...changes };
      for (const [field, value] of Object.entries(fields)) form.append(field, value);
      form.append('file', new Blob([new Uint8Array(bytes)]), 'desk.jpg');
      return send(ticket.uploadUrl, { method: 'POST', body: form });
    };

    expect(await post(101)).toBeGreaterThanOrEqual(400);
    expect(await post(50, { 'Content-Type': 'text/html' })).toBe(403);
    expect(await post(50, { key: 'elsewhere.jpg' })).toBe(403);
    expect(await store.find(name)).toBeUndefined();
    expect(await post(100)).toBe(204);
    expect((await store.find(name))?.length).toBe(100);
  });

  it('gives out links that end, and that are none without their signature', async () => {
    const store = s3Store(config({ linkTtlMs: 1_000 }));
    const name = `${uuidv7()}.jpg`;
    await store.put(name, BYTES, 'image/jpeg');
    const access = await store.open(name);
    const url = access?.kind === 'redirect' ? access.url : '';

    expect(await send(url)).toBe(200);
    expect(await send(url.split('?')[0] ?? '')).toBe(403);
    expect(await send(url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=9999'))).toBe(403);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect(await send(url)).toBe(403);
  });

  it('says what is wrong with keys and buckets, and repeats neither', async () => {
    const credentials = { accessKeyId: 'test-access', secretAccessKey: 'LEAK-wrong' };
    const wrongKey = s3Store(config({ credentials }));
    const noBucket = s3Store(config({ bucket: 'leak-no-such-bucket' }));

    for (const store of [wrongKey, noBucket]) {
      const error = await store
        .put(`${uuidv7()}.jpg`, BYTES, 'image/jpeg')
        .catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'provider_failed', retryable: false });
      expect(JSON.stringify(error) + String(error)).not.toMatch(/leak/i);
    }
    await expect(wrongKey.check(new AbortController().signal)).rejects.toMatchObject({
      code: 'provider_failed',
    });
  });

  it('reads photos of its own private bucket by any form of their address', async () => {
    const store = s3Store(config());
    const name = `${uuidv7()}.jpg`;
    await store.put(name, BYTES, 'image/jpeg');
    const access = await store.open(name);
    const url = access?.kind === 'redirect' ? access.url : '';
    const others = { assertAllowed: () => undefined, fetch: async () => Buffer.from('other') };
    const source = new S3OwnImages({ s3: config(), maxBytes: 1_000 }, store, others);
    const { signal } = new AbortController();

    expect(await source.fetch(url, signal)).toEqual(BYTES);
    expect(await source.fetch(url.split('?')[0] ?? '', signal)).toEqual(BYTES);
    expect(String(await source.fetch('https://elsewhere.example/a.jpg', signal))).toBe('other');
    await expect(source.fetch(`${server.url}/${BUCKET}/none.jpg`, signal)).rejects.toMatchObject({
      code: 'image_unreachable',
    });
    const small = new S3OwnImages({ s3: config(), maxBytes: 5 }, store, others);
    await expect(small.fetch(url, signal)).rejects.toMatchObject({ code: 'image_too_large' });
  });
});

describe('a store that knows no checksums', () => {
  let server: LocalServer;

  beforeAll(async () => {
    // What GCS, R2, B2 and older MinIO do: whatever belongs to the newer checksums is refused.
    server = await startLocalServer(({ headers, url }, response, violations) => {
      const named = [...Object.keys(headers), ...url.searchParams.keys()].join(' ');
      if (/checksum|x-amz-trailer|x-amz-decoded|sdk-checksum/.test(named)) violations.push(named);
      if (headers['content-encoding'] !== undefined) violations.push('content-encoding');
      if (/STREAMING/.test(String(headers['x-amz-content-sha256']))) violations.push('aws-chunked');
      response.writeHead(violations.length > 0 ? 400 : 200).end('stored');
    });
  });

  afterAll(() => server.close());

  it('is spoken to without any', async () => {
    const store = s3Store(anS3Config(server.url));
    const name = `${uuidv7()}.jpg`;
    await store.put(name, BYTES, 'image/jpeg');
    await store.find(name);
    await store.delete(name);
    const upload = await store.createUpload({ name, contentType: 'image/jpeg', maxBytes: 9 });
    await store.open(name);

    expect(server.violations).toEqual([]);
    expect(upload.uploadUrl).not.toMatch(/checksum/i);
    expect(server.requests[0]?.body).toEqual(BYTES);
  });
});

describe(S3ImageStore.name, () => {
  const config = anS3Config('https://s3.example');

  it('derives the key from the time in the name: one name, one key', () => {
    const cdn = s3Store({ ...config, cdnBaseUrl: 'https://cdn.example/img' });

    // 0192f7c4-8f5e is 2024-11-04.
    expect(cdn.publicUrl('0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d-input.jpg')).toBe(
      'https://cdn.example/img/desk-ai/2024/11/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d-input.jpg',
    );
    expect(cdn.publicUrl('logo.png')).toBe('https://cdn.example/img/desk-ai/other/logo.png');
    expect(cdn.publicUrl('ffffffff-ffff-7fff-bfff-ffffffffffff.jpg')).toContain('/other/');
    expect(() => cdn.publicUrl('../secret.jpg')).toThrow(TypeError);
  });

  it('makes no link that outlives the credentials it is signed with', async () => {
    const now = Date.now();
    const expiring = createS3Client({
      ...config,
      credentials: {
        accessKeyId: 'k',
        secretAccessKey: 's',
        sessionToken: 't',
        expiration: new Date(now + 300_000),
      } as NonNullable<S3Config['credentials']>,
    });
    const clock: Clock = { now: () => now };
    const store = new S3ImageStore(
      { s3: config, publicBaseUrl: PUBLIC, uploadTtlMs: 900_000 },
      expiring,
      clock,
    );
    const ticket = await store.createUpload({
      name: 'a.jpg',
      contentType: 'image/jpeg',
      maxBytes: 9,
    });

    expect(ticket.expiresAt.getTime()).toBe(now + 240_000);
    expect(ticket.uploadUrl).toContain('X-Amz-Expires=240');
    expect(ticket.uploadUrl).toContain('X-Amz-Security-Token=');
  });
});

describe(S3OwnImages.name, () => {
  const read: string[] = [];
  const bucket = {
    read: async (key: string): Promise<Buffer> => {
      read.push(key);
      return BYTES;
    },
  };
  const others = {
    assertAllowed: (): void => {
      throw new Error('others');
    },
    fetch: async (): Promise<Buffer> => {
      throw new Error('others');
    },
  };
  const aws: S3Config = {
    ...anS3Config('x'),
    bucket: 'bucket',
    endpoint: undefined,
    region: 'ap-northeast-2',
    cdnBaseUrl: 'https://cdn.example/img',
  };
  const source = (changes: Partial<S3Config> = {}): S3OwnImages =>
    new S3OwnImages({ s3: { ...aws, ...changes }, maxBytes: 100 }, bucket, others);

  it.each([
    ['https://bucket.s3.amazonaws.com/images/12.png', 'images/12.png'],
    [
      'https://BUCKET.s3.ap-northeast-2.amazonaws.com/images/12.png?X-Amz-Signature=x',
      'images/12.png',
    ],
    ['https://s3.ap-northeast-2.amazonaws.com/bucket/images/12.png', 'images/12.png'],
    ['https://bucket.s3.amazonaws.com/%ED%95%9C%EA%B8%80%201.png', '한글 1.png'],
    ['https://bucket.s3.amazonaws.com/a+b%2Bc.png', 'a b+c.png'],
    ['https://cdn.example/img/a.png', 'a.png'],
  ])('is ours: %s', async (url, key) => {
    await source().fetch(url, new AbortController().signal);
    expect(read.at(-1)).toBe(key);
    expect(() => source().assertAllowed(url)).not.toThrow();
  });

  it.each([
    'https://bucket.s3.amazonaws.com.evil.example/a.png',
    'https://other.s3.amazonaws.com/a.png',
    'https://s3.ap-northeast-2.amazonaws.com/bucket2/a.png',
    'http://bucket.s3.amazonaws.com/a.png',
    'https://user@bucket.s3.amazonaws.com/a.png',
    'https://bucket.s3.amazonaws.com/',
    'https://bucket.s3.amazonaws.com/%2e%2e%2fa.png',
    'https://bucket.s3.amazonaws.com/%E0%A4%A.png',
    'https://cdn.example/other/a.png',
    'not an address',
  ])('is not ours: %s', async (url) => {
    await expect(source().fetch(url, new AbortController().signal)).rejects.toThrow('others');
    expect(() => source().assertAllowed(url)).toThrow('others');
  });

  it('can be narrowed to some prefixes; our own pictures stay readable', async () => {
    const narrow = source({ sourcePrefixes: ['images/'] });
    const { signal } = new AbortController();
    const base = 'https://bucket.s3.amazonaws.com';

    expect(await narrow.fetch(`${base}/images/1.png`, signal)).toEqual(BYTES);
    expect(await narrow.fetch(`${base}/desk-ai/2026/11/1.png`, signal)).toEqual(BYTES);
    await expect(narrow.fetch(`${base}/private/1.png`, signal)).rejects.toThrow('others');
  });
});
