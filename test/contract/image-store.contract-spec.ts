import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { type Clock, systemClock } from '../../src/common/clock.js';
import { ImageError } from '../../src/common/errors/errors.js';
import { ImageDecoder } from '../../src/imaging/image-decoder.js';
import { toKeptCopy } from '../../src/imaging/kept-copy.js';
import { sharp } from '../../src/imaging/sharp.js';
import { type ImageStore } from '../../src/providers/image-store/image-store.port.js';
import { LocalImageStore } from '../../src/providers/image-store/local-image-store.js';
import { S3Bucket } from '../../src/providers/image-store/s3-bucket.js';
import { createS3Client } from '../../src/providers/image-store/s3-client.js';
import { S3ImageStore } from '../../src/providers/image-store/s3-image-store.js';
import { S3OwnImages } from '../../src/providers/image-store/s3-own-images.js';
import { type PhotoCleaner } from '../../src/providers/image-store/s3-uploads.js';
import { UploadSigner } from '../../src/providers/image-store/upload-signer.js';
import { type S3Config } from '../../src/config/storage.config.js';
import { FakeImageStore } from '../fakes/fake-image-store.js';
import { BUCKET, type S3Server, startS3Server, whyNoS3Server } from '../support/s3/s3-server.js';
import { anS3Config } from '../support/upstreams/provider-configs.js';
import { type LocalServer, startLocalServer } from '../support/upstreams/local-server.js';

const PUBLIC = 'https://api.example';
const BYTES = Buffer.from('not looked at by a store');
/** Of an upload. */
const MAX_BYTES = 20_000;
const uploadName = (): string => `${uuidv7()}-upload.jpg`;

const decoder = new ImageDecoder({ maxPixels: 1_000_000, timeoutMs: 10_000 });
const clean: PhotoCleaner = async (file) => (await toKeptCopy(decoder, file)).bytes;

const s3Store = (
  config: S3Config,
  { clock = systemClock, clean: cleaner = clean }: { clock?: Clock; clean?: PhotoCleaner } = {},
): S3ImageStore =>
  new S3ImageStore(
    { s3: config, publicBaseUrl: PUBLIC, uploadTtlMs: 60_000, maxBytes: MAX_BYTES },
    createS3Client(config),
    clock,
    cleaner,
  );

const aPhoto = (): Promise<Buffer> =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: '#a86' } })
    .withExif({ IFD0: { Copyright: 'LEAK-EXIF' }, IFD3: { GPSLatitude: '37/1 33/1 0/1' } })
    .jpeg()
    .toBuffer();

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
      name: uploadName(),
      contentType: 'image/png',
      maxBytes: 1_000,
    });

    expect(ticket.method).toBe('PUT');
    expect(ticket.headers).toEqual({ 'Content-Type': 'image/png' });
    expect(ticket.fields).toEqual({});
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
    const name = uploadName();
    const { uploadUrl, headers } = await store.createUpload({
      name,
      contentType: 'image/png',
      maxBytes: 1_000,
    });
    const body = new Uint8Array(await aPhoto());

    expect(uploadUrl).not.toMatch(/checksum/i);
    const html = { 'Content-Type': 'text/html' };
    expect(await send(uploadUrl, { method: 'PUT', headers: html, body })).toBe(403);
    expect(await store.find(name)).toBeUndefined();
    expect(await send(uploadUrl, { method: 'PUT', headers, body })).toBe(200);
    expect(await store.find(name)).toBeDefined();
    expect(
      await send(uploadUrl.replace(/Signature=../, 'Signature=00'), {
        method: 'PUT',
        headers,
        body,
      }),
    ).toBe(403);
    expect(
      await send(uploadUrl.replace(name, uploadName()), { method: 'PUT', headers, body }),
    ).toBe(403);
  });

  it('takes a form upload within the size and of the type that it was made for', async () => {
    const store = s3Store(config());
    const name = uploadName();
    const photo = await aPhoto();
    const ticket = await store.createUpload(
      { name, contentType: 'image/jpeg', maxBytes: photo.length },
      'POST',
    );
    const post = (
      bytes: Buffer,
      changes: Readonly<Record<string, string>> = {},
    ): Promise<number> => {
      const form = new FormData();
      const fields = { ...ticket.fields, ...changes };
      for (const [field, value] of Object.entries(fields)) form.append(field, value);
      form.append('file', new Blob([new Uint8Array(bytes)]), 'desk.jpg');
      return send(ticket.uploadUrl, { method: 'POST', body: form });
    };

    expect(ticket).toMatchObject({ method: 'POST', headers: {} });
    expect(await post(Buffer.concat([photo, Buffer.alloc(1)]))).toBeGreaterThanOrEqual(400);
    expect(await post(photo, { 'Content-Type': 'text/html' })).toBe(403);
    expect(await post(photo, { key: 'elsewhere.jpg' })).toBe(403);
    expect(await store.find(name)).toBeUndefined();
    expect(await post(photo)).toBe(204);
    expect((await sharp(await store.find(name)).metadata()).width).toBe(64);
  });

  describe('an upload', () => {
    const upload = async (store: S3ImageStore, name: string, body: Buffer): Promise<void> => {
      const { uploadUrl, headers } = await store.createUpload({
        name,
        contentType: 'image/jpeg',
        maxBytes: MAX_BYTES,
      });
      const init = { method: 'PUT', headers, body: new Uint8Array(body) };
      expect(await send(uploadUrl, init)).toBe(200);
    };
    const raw = (name: string): Promise<Buffer | undefined> =>
      new S3Bucket(createS3Client(config()), config(), systemClock).get(
        `desk-ai/uploads/${name}`,
        1_000_000,
      );
    const served = async (store: S3ImageStore, name: string): Promise<Buffer> => {
      const access = await store.open(name);
      const answer = await fetch(access?.kind === 'redirect' ? access.url : '');
      expect(answer.headers.get('content-type')).toBe('image/jpeg');
      return Buffer.from(await answer.arrayBuffer());
    };

    it('is replaced by a copy without metadata at its first use, whatever that is', async () => {
      const store = s3Store(config());
      const [shown, read, named] = [uploadName(), uploadName(), uploadName()];
      for (const name of [shown, read, named]) {
        await upload(store, name, await aPhoto());
        expect(String(await raw(name))).toContain('LEAK-EXIF');
      }
      const { signal } = new AbortController();
      const copies = [
        await served(store, shown),
        await store.find(read),
        // Some take the upload's address without its query for the photo's address.
        await store.read(`desk-ai/uploads/${named}`, MAX_BYTES, signal),
      ];

      for (const copy of copies) {
        expect((await sharp(copy).metadata()).exif).toBeUndefined();
        expect(String(copy)).not.toContain('LEAK-EXIF');
      }
      for (const name of [shown, read, named]) {
        expect(await raw(name)).toBeUndefined();
        expect(await s3Store(config()).find(name)).toBeDefined();
      }
    });

    it('stays what it was when its link is used a second time', async () => {
      const store = s3Store(config());
      const name = uploadName();
      await upload(store, name, await aPhoto());
      const before = await served(store, name);
      await upload(store, name, Buffer.from('<script>alert(1)</script>'));

      expect(await served(s3Store(config()), name)).toEqual(before);
      expect(await s3Store(config()).find(name)).toEqual(before);
    });

    it.each([
      ['a page', Buffer.from('<html><script>alert(1)</script></html>'), 'image_type_unsupported'],
      [
        'a drawing',
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
        'image_type_unsupported',
      ],
      ['half a header', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), 'image_unreadable'],
      ['more than allowed', Buffer.alloc(MAX_BYTES + 1, 0xff), 'image_too_large'],
    ])('is never given out when it is no photo: %s', async (_, bytes, code) => {
      const store = s3Store(config());
      const name = uploadName();
      await upload(store, name, bytes);

      await expect(store.open(name)).rejects.toMatchObject({ code });
      await expect(store.find(name)).rejects.toMatchObject({ code });
      await upload(store, name, await aPhoto());
      expect(await store.find(name)).toBeDefined();
    });

    it('that was refused is not decoded again until it is another one', async () => {
      let decoded = 0;
      const store = s3Store(config(), {
        clean: async () => {
          decoded += 1;
          throw new ImageError('image_unreadable', 'broken');
        },
      });
      const name = uploadName();
      await upload(store, name, BYTES);
      for (let ask = 0; ask < 5; ask += 1) await store.open(name).catch(() => undefined);
      expect(decoded).toBe(1);
      await upload(store, name, Buffer.concat([BYTES, BYTES]));
      await store.open(name).catch(() => undefined);
      expect(decoded).toBe(2);
    });

    it('is decoded once for all who ask, and few at a time', async () => {
      let [atOnce, most, decoded] = [0, 0, 0];
      const gate = Promise.withResolvers<void>();
      const full = Promise.withResolvers<void>();
      const store = s3Store(config(), {
        clean: async (file) => {
          decoded += 1;
          atOnce += 1;
          most = Math.max(most, atOnce);
          if (atOnce === 2) full.resolve();
          await gate.promise;
          atOnce -= 1;
          return file;
        },
      });
      const names = Array.from({ length: 30 }, uploadName);
      for (const name of names) await upload(store, name, BYTES);
      const asked = [...names, ...names].map((name) => store.find(name));
      const settled = Promise.allSettled(asked);
      const refusal = await Promise.any(
        asked.map((answer) => answer.then(Promise.reject, (error: unknown) => error)),
      );
      await full.promise;
      gate.resolve();
      const answers = await settled;

      expect(refusal).toMatchObject({ code: 'provider_unavailable', retryAfterMs: 1_000 });
      const given = answers.filter(({ status }) => status === 'fulfilled').length;
      expect({ most, decoded, given }).toEqual({ most: 2, decoded: 18, given: 36 });
    });
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
    const others = {
      assertAllowed: () => undefined,
      release: () => undefined,
      fetch: async () => Buffer.from('other'),
    };
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
    const upload = await store.createUpload({
      name: uploadName(),
      contentType: 'image/jpeg',
      maxBytes: 9,
    });
    await store.open(name);

    expect(server.violations).toEqual([]);
    expect(upload.uploadUrl).not.toMatch(/checksum/i);
    expect(server.requests[0]?.body).toEqual(BYTES);
  });
});

describe(S3ImageStore.name, () => {
  const config = anS3Config('https://s3.example');

  it('is asked anew at every check, so that health turns as soon as the bucket does', async () => {
    let status = 200;
    const server = await startLocalServer((_, response) => {
      response.writeHead(status).end();
    });
    const store = s3Store(anS3Config(server.url));
    const { signal } = new AbortController();
    try {
      await store.check(signal);
      status = 403;
      await expect(store.check(signal)).rejects.toMatchObject({ code: 'provider_failed' });
      status = 200;
      await expect(store.check(signal)).resolves.toBeUndefined();
    } finally {
      await server.close();
    }
  });

  it('gives out links for uploads only where uploads are kept apart', async () => {
    const request = { name: `${uuidv7()}.jpg`, contentType: 'image/jpeg', maxBytes: 9 };
    await expect(s3Store(config).createUpload(request)).rejects.toThrow(TypeError);
    const { uploadUrl } = await s3Store(config).createUpload({ ...request, name: uploadName() });
    expect(uploadUrl).toContain('/desk-ai/uploads/');
  });

  it('derives the key from the time in the name: one name, one key', () => {
    const cdn = s3Store({ ...config, cdnBaseUrl: 'https://cdn.example/img' });

    // 0192f7c4-8f5e is 2024-11-04.
    expect(cdn.publicUrl('0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d-input.jpg')).toBe(
      'https://cdn.example/img/desk-ai/2024/11/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d-input.jpg',
    );
    expect(cdn.publicUrl('logo.png')).toBe('https://cdn.example/img/desk-ai/other/logo.png');
    // Before its first use the CDN would have nothing to show, or something else than the photo.
    expect(cdn.publicUrl('0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d-upload.jpg')).toBe(
      `${PUBLIC}/images/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d-upload.jpg`,
    );
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
      { s3: config, publicBaseUrl: PUBLIC, uploadTtlMs: 900_000, maxBytes: MAX_BYTES },
      expiring,
      clock,
      clean,
    );
    const ticket = await store.createUpload({
      name: uploadName(),
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
    release: (): void => undefined,
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
