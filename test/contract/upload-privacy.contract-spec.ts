import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { sharp } from '../../src/imaging/sharp.js';
import { type RunningApp, startApp } from '../support/app.js';
import { postJson, send } from '../support/http.js';
import { readPhoto } from '../support/photo-server.js';
import {
  ACCESS_KEY,
  BUCKET,
  type S3Server,
  SECRET_KEY,
  startS3Server,
  whyNoS3Server,
} from '../support/s3/s3-server.js';
import {
  completionOf,
  json,
  OPENAI_KEY,
  type OpenAiUpstream,
  pictureAnswer,
  startOpenAiUpstream,
} from '../support/upstreams/openai-upstream.js';

interface Ticket {
  readonly method: string;
  readonly upload_url: string;
  readonly image_url: string;
  readonly headers: Record<string, string>;
  readonly fields: Record<string, string>;
  readonly max_bytes: number;
}

type Body = Record<string, unknown>;

const PLAN = {
  prompt: 'Clear the desk, add a wooden monitor stand on the left and hide all cables behind it.',
  items: [
    { keyword: '모니터 받침대', label: 'monitor stand', reason: 'The monitor stands low.' },
    { keyword: '무선 마우스', label: 'wireless mouse', reason: 'Cables cross the desk.' },
    { keyword: 'LED 스탠드', label: 'desk lamp', reason: 'The left side is dark.' },
  ],
  style_notes: 'Warm wood and white.',
};
const HOME = 'LEAK-HOME-ADDRESS';
const MAX_BYTES = 4_000_000;

if (whyNoS3Server !== undefined) process.stderr.write(`S3 tests are left out, ${whyNoS3Server}\n`);
const describeS3 = whyNoS3Server === undefined ? describe : describe.skip;

describeS3('where a photo was taken, when it is uploaded straight to the bucket', () => {
  let app: RunningApp;
  let s3: S3Server;
  let client: S3Client;
  let openAi: OpenAiUpstream;
  let photo: Buffer;

  beforeAll(async () => {
    [s3, openAi] = await Promise.all([startS3Server(), startOpenAiUpstream()]);
    client = new S3Client({
      endpoint: s3.url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
    });
    const desk = await readPhoto('desk');
    photo = await sharp(desk)
      .withExif({
        IFD0: { ImageDescription: HOME },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '37/1 33/1 58/1', GPSLongitudeRef: 'E' },
      })
      .jpeg({ quality: 80 })
      .toBuffer();
    const drawn = await sharp(desk).resize(640, 448).jpeg().toBuffer();
    openAi.answer('/chat/completions', json(completionOf(JSON.stringify(PLAN))));
    openAi.answer('/images/edits', json(pictureAnswer(drawn.toString('base64'))));
    app = await startApp({
      S3_BUCKET: BUCKET,
      S3_ENDPOINT: s3.url,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      OPENAI_API_KEY: OPENAI_KEY,
      OPENAI_BASE_URL: `${openAi.url}/v1`,
      IMAGE_MAX_BYTES: String(MAX_BYTES),
      MAX_WAIT_SECONDS: '60',
    });
  }, 60_000);

  afterAll(async () => {
    await app?.close();
    client?.destroy();
    await openAi?.close();
    await s3?.close();
  });

  const ask = async (body: Body = {}): Promise<Ticket> =>
    (await postJson<Ticket & Body>(`${app.url}/uploads`, body)).body;

  const upload = async (ticket: Ticket, bytes: Buffer): Promise<number> => {
    const { upload_url: url, method, headers, fields } = ticket;
    const body = new Uint8Array(bytes);
    if (method === 'PUT') return (await fetch(url, { method, headers, body })).status;
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob([body]), 'desk.jpg');
    return (await fetch(url, { method, body: form })).status;
  };

  const storedObjects = async (): Promise<Record<string, Buffer>> => {
    const { Contents: objects = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET }),
    );
    const entries = objects.map(async ({ Key: key = '' }) => {
      const command = new GetObjectCommand({ Bucket: BUCKET, Key: key });
      // Working files of a task go when it ends.
      const answer = await client.send(command).catch(() => undefined);
      return [key, await answer?.Body?.transformToByteArray()] as const;
    });
    const read = await Promise.all(entries);
    return Object.fromEntries(
      read.flatMap(([key, bytes]) => (bytes ? [[key, Buffer.from(bytes)]] : [])),
    );
  };

  const expectClean = async (picture: Buffer): Promise<void> => {
    const { exif, xmp, iptc, format } = await sharp(picture).metadata();
    expect({ exif, xmp, iptc, format }).toEqual({ format: 'jpeg' });
    expect(picture.includes(HOME)).toBe(false);
  };

  it.each(['PUT', 'POST'])('is not in what is shown and stored after %s', async (method) => {
    const ticket = await ask({ method });
    expect(ticket.method).toBe(method);
    expect(await upload(ticket, photo)).toBeLessThan(300);
    const name = ticket.image_url.split('/').at(-1) ?? '';
    const raw = (await storedObjects())[`desk-ai/uploads/${name}`];
    expect(raw?.includes(HOME)).toBe(true);

    const shown = await fetch(ticket.image_url);
    expect(shown.status).toBe(200);
    await expectClean(Buffer.from(await shown.arrayBuffer()));
    const stored = await storedObjects();
    expect(Object.keys(stored).filter((key) => key.includes('/uploads/'))).toEqual([]);
    expect(Object.keys(stored).filter((key) => key.endsWith(`/${name}`))).toHaveLength(1);
    for (const object of Object.values(stored)) await expectClean(object);
  });

  it('is in nothing that a vendor gets and nothing that a task stores', async () => {
    const ticket = await ask();
    expect(await upload(ticket, photo)).toBe(200);
    const { status, body } = await postJson<Body>(
      `${app.url}/generated/v1/generate`,
      { image_url: ticket.image_url },
      { Prefer: 'wait=60' },
    );
    expect({ status, error: body['error'] }).toEqual({ status: 200, error: null });

    const [vision, edit] = ['/completions', '/edits'].map((route) =>
      openAi.requests.find(({ url }) => url.pathname.endsWith(route)),
    );
    const inJson = /data:image\/jpeg;base64,([A-Za-z0-9+/=]+)/.exec(String(vision?.body))?.[1];
    await expectClean(Buffer.from(inJson ?? '', 'base64'));
    expect(edit?.body.includes('Content-Type: image/jpeg')).toBe(true);
    for (const mark of [HOME, 'Exif\0\0']) expect(edit?.body.includes(mark)).toBe(false);
    const stored = Object.entries(await storedObjects());
    expect(stored.filter(([, object]) => object.includes(HOME)).map(([key]) => key)).toEqual([]);
    expect(stored.filter(([key]) => key.includes('/uploads/'))).toEqual([]);
  }, 120_000);

  it('is asked of a first classification as well', async () => {
    const ticket = await ask();
    await upload(ticket, photo);
    const verdict = await postJson(`${app.url}/classify`, { initial_image_url: ticket.image_url });

    expect([verdict.status, verdict.body['classify']]).toEqual([200, true]);
    expect(Object.keys(await storedObjects()).filter((key) => key.includes('/uploads/'))).toEqual(
      [],
    );
  });

  it.each([
    ['a page', Buffer.from('<html><script>alert(1)</script></html>'), 'image_type_unsupported'],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image_type_unsupported'],
    ['too much', Buffer.alloc(MAX_BYTES + 1, 0xff), 'image_too_large'],
  ])('and %s is never shown', async (_, bytes, code) => {
    const ticket = await ask();
    expect(await upload(ticket, bytes)).toBe(200);

    const shown = await send('GET', ticket.image_url);
    expect([shown.status, shown.body['code']]).toEqual([404, 'not_found']);
    const judged = await postJson(`${app.url}/classify`, { initial_image_url: ticket.image_url });
    expect([judged.status, judged.body['code']]).toEqual([422, code]);
  });

  it('a form lets the store refuse what is too large, and what is of another type', async () => {
    const ticket = await ask({ method: 'POST', content_type: 'image/jpeg' });
    expect(ticket).toMatchObject({ headers: {}, max_bytes: MAX_BYTES });
    expect(await upload(ticket, Buffer.alloc(MAX_BYTES + 1))).toBeGreaterThanOrEqual(400);
    const page = { ...ticket, fields: { ...ticket.fields, 'Content-Type': 'text/html' } };
    expect(await upload(page, photo)).toBe(403);
    expect((await send('GET', ticket.image_url)).status).toBe(404);
    expect(await upload(ticket, photo)).toBe(204);
    expect((await fetch(ticket.image_url)).status).toBe(200);
  });

  it('knows no third way of uploading', async () => {
    const { status, body } = await postJson<Body>(`${app.url}/uploads`, { method: 'PATCH' });
    expect(status).toBe(400);
    expect(body['errors']).toEqual([
      expect.objectContaining({ field: 'method', message: 'method must be one of PUT, POST' }),
    ]);
  });
});
