import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { sharp } from '../../src/imaging/sharp.js';
import { type RunningApp, startApp } from '../support/app.js';
import { getJson, postJson, send, type JsonAnswer } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';

interface TaskJson {
  task_id: string;
  kind: string;
  status: string;
  processed_image_url: string;
  prompt: string;
  items: { keyword: string }[];
  products: { keyword: string; details: Record<string, string>[] }[];
  [key: string]: unknown;
}

const WAIT = { Prefer: 'wait=25' };

describe('the generate routes', () => {
  let photos: PhotoServer;
  let service: RunningApp;

  beforeAll(async () => {
    photos = await startPhotoServer();
    service = await startApp({ IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host });
  });
  afterAll(async () => {
    await service.close();
    await photos.close();
  });

  const generate = (path: string, body: object, headers = {}): Promise<JsonAnswer> =>
    postJson(`${service.url}${path}`, body, headers);

  it.each([
    ['/generated/v1/generate', 'generate.v1'],
    ['/app/routers/v1/generate', 'generate.v1'],
    ['/api/v1/generate', 'generate.v1'],
    ['/generated/v2/generate', 'generate.v2'],
    ['/app/routers/v2/generate', 'generate.v2'],
    ['/api/v2/generate', 'generate.v2'],
  ])('%s redesigns a desk within the wait', async (path, kind) => {
    const image_url = `${photos.url}/desk`;
    const { status, headers, body } = await postJson<TaskJson>(
      `${service.url}${path}`,
      { image_url },
      WAIT,
    );
    expect(status).toBe(200);
    expect(headers.get('preference-applied')).toBe('wait=25');
    expect(headers.get('location')).toBe(`/tasks/${body.task_id}`);
    expect(body).toMatchObject({
      kind,
      status: 'succeeded',
      initial_image_url: image_url,
      concept: 'BASIC',
      progress: { percent: 100, queue_position: null },
      provider: { vision: 'embedded', image: 'embedded', products: 'catalogue' },
      error: null,
      cost: { usd: 0, calls: [] },
    });
    expect(body.prompt.length).toBeGreaterThan(80);
    expect(body.items.length).toBeGreaterThanOrEqual(3);
    expect(body.products.length).toBeGreaterThanOrEqual(3);
    for (const { details } of body.products) {
      expect(details.length).toBeGreaterThan(0);
      for (const product of details) {
        expect(Object.keys(product).toSorted()).toEqual([
          'image',
          'link',
          'main_category',
          'mall',
          'price',
          'sub_category',
          'title',
        ]);
        expect(product['price']).toMatch(/^\d+$/);
      }
    }
  });

  it('gives a permanent link to a picture of the same shape, marked as made by AI', async () => {
    const { body } = await postJson<TaskJson>(
      `${service.url}/generated/v1/generate`,
      { image_url: `${photos.url}/desk`, seed: 7 },
      WAIT,
    );
    expect(body.processed_image_url).toBe(`${service.url}/images/${body.task_id}.jpg`);
    const answer = await fetch(body.processed_image_url);
    const picture = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get('content-type')).toBe('image/jpeg');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    const { width, height, xmp, exif } = await sharp(picture).metadata();
    expect(width).toBe(1536);
    expect(width / height).toBeCloseTo(1900 / 1267, 2);
    expect(exif).toBeUndefined();
    expect(xmp?.toString()).toContain('DigitalSourceType');
  });

  it('shows the icon of every product it names', async () => {
    const { body } = await postJson<TaskJson>(
      `${service.url}/generated/v1/generate`,
      { image_url: `${photos.url}/whiteDesk` },
      WAIT,
    );
    const icons = body.products.flatMap(({ details }) => details.map(({ image }) => image ?? ''));
    for (const icon of new Set(icons)) {
      const answer = await fetch(icon);
      expect([icon, answer.status]).toEqual([icon, 200]);
      expect(await answer.text()).toContain('<svg');
    }
  });

  it('answers 202 with the task when nobody waits, and the task ends by itself', async () => {
    const { status, headers, body } = await generate('/generated/v1/generate', {
      image_url: `${photos.url}/desk`,
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'queued', processed_image_url: null, products: [] });
    const events = await fetch(`${service.url}${headers.get('location')}/events`);
    const text = await events.text();
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    for (const step of [
      'fetch_image',
      'classify',
      'store_input',
      'write_prompt',
      'generate_image',
      'search_products',
      'check_result',
      'store_result',
    ]) {
      expect(text).toContain(`"step":"${step}","state":"finished"`);
    }
    const [last] = text.trim().split('\n\n').slice(-1);
    expect(last).toContain('event: ended');
    expect(last).toContain('"status":"succeeded"');
    expect(last).toContain('"processed_image_url":"http');
  });

  it('resumes events after Last-Event-ID', async () => {
    const { body } = await generate('/generated/v1/prompt', { image_url: `${photos.url}/desk` });
    const url = `${service.url}/tasks/${String(body['task_id'])}/events`;
    const all = (await (await fetch(url)).text()).trim().split('\n\n');
    const rest = await (await fetch(url, { headers: { 'Last-Event-ID': '3' } })).text();
    expect(rest.trim().split('\n\n')).toEqual(all.slice(3));
    const nothing = await fetch(url, { headers: { 'Last-Event-ID': String(all.length) } });
    expect(await nothing.text()).toBe('');
  });

  it('rejects a photo that is no desk with a sentence and the score', async () => {
    const { status, body } = await generate(
      '/generated/v1/generate',
      { image_url: `${photos.url}/croissants` },
      WAIT,
    );
    expect([status, body['code']]).toEqual([422, 'not_a_desk']);
    expect(body['detail']).toMatch(/No desk was found.*\d+\.\d %/);
    const task = await getJson(`${service.url}/tasks/${String(body['task_id'])}`);
    expect(task.body).toMatchObject({
      status: 'rejected',
      processed_image_url: null,
      products: [],
      error: { code: 'not_a_desk' },
    });
  });

  it('writes prompt and items without drawing', async () => {
    const { status, body } = await generate('/generated/v1/prompt', {
      image_url: `${photos.url}/desk`,
      concept: 'OIL',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'prompt.v1',
      concept: 'OIL',
      processed_image_url: null,
      products: [],
    });
    expect(body['prompt']).toMatch(/\w+/);
    expect(body['items']).not.toHaveLength(0);
  });

  it('gives different photos different prompts and items', async () => {
    const [first, second] = await Promise.all(
      ['desk', 'whiteDesk'].map((name) =>
        generate('/generated/v1/prompt', { image_url: `${photos.url}/${name}` }),
      ),
    );
    expect(first?.body['prompt']).not.toEqual(second?.body['prompt']);
    expect(first?.body['items']).not.toEqual(second?.body['items']);
  });

  it('creates one task for one Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': 'order-1' };
    const body = { image_url: `${photos.url}/desk` };
    const first = await generate('/generated/v1/generate', body, headers);
    const again = await generate('/generated/v1/generate', body, headers);
    expect(again.body['task_id']).toBe(first.body['task_id']);
    const other = await generate('/generated/v1/generate', { ...body, concept: 'OIL' }, headers);
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency_key_reused']);
  });

  it.each([
    ['an unknown concept', { concept: 'GOTHIC' }, 'concept'],
    ['a seed that is no whole number', { seed: 1.5 }, 'seed'],
    ['a callback that is no address', { callback_url: 'backend' }, 'callback_url'],
    ['a missing photo', { image_url: undefined }, 'image_url'],
  ])('names the field of %s', async (_, change, field) => {
    const { status, body } = await generate('/generated/v1/generate', {
      image_url: `${photos.url}/desk`,
      ...change,
    });
    expect([status, body['code']]).toEqual([400, 'validation_failed']);
    expect(body['errors']).toEqual(
      expect.arrayContaining([expect.objectContaining({ field, message: expect.any(String) })]),
    );
  });

  it('refuses a forbidden address before a task is made', async () => {
    const before = await getJson<{ tasks: unknown[] }>(`${service.url}/tasks?limit=100`);
    const { status, body } = await generate('/generated/v1/generate', {
      image_url: 'http://192.168.0.1/desk.jpg',
    });
    expect([status, body['code']]).toEqual([422, 'image_url_forbidden']);
    const after = await getJson<{ tasks: unknown[] }>(`${service.url}/tasks?limit=100`);
    expect(after.body.tasks).toHaveLength(before.body.tasks.length);
  });

  it('takes a photo that was uploaded, without its location', async () => {
    const ticket = await postJson<{
      method: string;
      upload_url: string;
      image_url: string;
      headers: Record<string, string>;
      fields: Record<string, string>;
      // The local store knows no forms.
    }>(`${service.url}/uploads`, { method: 'POST' });
    expect(ticket.status).toBe(201);
    expect(ticket.body).toMatchObject({ method: 'PUT', fields: {} });
    const photo = await sharp({
      create: { width: 640, height: 480, channels: 3, background: '#b08050' },
    })
      .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '37/1 33/1 0/1' } })
      .jpeg()
      .toBuffer();
    const put = await send('PUT', ticket.body.upload_url, {
      headers: ticket.body.headers,
      body: new Uint8Array(photo),
    });
    expect(put.status).toBe(200);
    const stored = Buffer.from(await (await fetch(ticket.body.image_url)).arrayBuffer());
    expect((await sharp(stored).metadata()).exif).toBeUndefined();
    const verdict = await postJson(`${service.url}/classify`, {
      initial_image_url: ticket.body.image_url,
    });
    expect([verdict.status, verdict.body['classify']]).toEqual([200, false]);
  });

  it('takes null for what a Java client leaves out', async () => {
    const task = await generate('/generated/v1/generate', {
      image_url: `${photos.url}/desk`,
      concept: null,
      callback_url: null,
      seed: null,
    });
    const upload = await generate('/uploads', { content_type: null, method: null });

    expect(task).toMatchObject({ status: 202, body: { concept: 'BASIC' } });
    expect(upload).toMatchObject({
      status: 201,
      body: { method: 'PUT', headers: { 'Content-Type': 'image/jpeg' } },
    });
  });

  it('refuses an upload link that was changed', async () => {
    const { body } = await postJson<{ upload_url: string }>(`${service.url}/uploads`, {});
    const changed = body.upload_url.replace(/max=\d+/, 'max=999999999');
    const { status } = await send('PUT', changed, { body: 'x' });
    expect(status).toBe(403);
  });
});
