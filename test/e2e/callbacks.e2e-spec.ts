import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';

import { type RunningApp, type Settings, startApp } from '../support/app.js';
import { eventually, getJson, postJson, send } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A backend that answers with the given statuses, one after the other, then with 200. */
class Receiver {
  readonly received: Received[] = [];
  statuses: number[] = [];
  private constructor(
    private readonly server: Server,
    readonly host: string,
  ) {
    server.on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        this.received.push({ headers: request.headers, text });
        response.writeHead(this.statuses.shift() ?? 200).end();
      });
    });
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return new Receiver(
      server,
      `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    );
  }

  get url(): string {
    return `http://${this.host}/callback`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe('callbacks', () => {
  let photos: PhotoServer;
  let receiver: Receiver;
  let service: RunningApp | undefined;

  beforeAll(async () => {
    photos = await startPhotoServer();
    receiver = await Receiver.start();
  });
  afterEach(async () => {
    await service?.close();
    receiver.received.length = 0;
    receiver.statuses = [];
  });
  afterAll(async () => {
    receiver.close();
    await photos.close();
  });

  const start = async (settings: Settings): Promise<string> => {
    service = await startApp({
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      CALLBACK_SECRET: SECRET,
      CALLBACK_BACKOFF_MS: '10',
      ...settings,
    });
    return service.url;
  };

  const until = (count: number): Promise<number> =>
    eventually(
      async () => receiver.received.length,
      (length) => length >= count,
    );

  it('tells the task once, signed, after retrying what was worth retrying', async () => {
    const url = await start({ CALLBACK_URL: receiver.url });
    receiver.statuses = [500, 429];
    const { body } = await postJson(
      `${url}/generated/v1/generate`,
      { image_url: `${photos.url}/desk` },
      { Prefer: 'wait=25' },
    );
    await until(3);
    const task = await getJson(`${url}/tasks/${String(body['task_id'])}`);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    for (const { headers, text } of receiver.received) {
      expect(new Webhook(SECRET).verify(text, headers as Record<string, string>)).toEqual(
        task.body,
      );
    }
    const log = await eventually(
      () =>
        getJson<{ deliveries: unknown[] }>(`${url}/tasks/${String(body['task_id'])}/deliveries`),
      ({ body: { deliveries } }) => JSON.stringify(deliveries).includes('delivered'),
    );
    expect(log.body.deliveries).toMatchObject([
      {
        id: ids[0],
        status: 'delivered',
        attempts: [
          { status: 500, reason: 'http_500' },
          { status: 429, reason: 'http_429' },
          { status: 200, reason: 'ok' },
        ],
      },
    ]);
    await send('POST', `${url}/tasks/${String(body['task_id'])}/redeliver`);
    await until(4);
    expect(receiver.received[3]?.headers['webhook-id']).toBe(ids[0]);
    expect(receiver.received[3]?.text).toBe(receiver.received[0]?.text);
  });

  it('gives up at once when the receiver refuses', async () => {
    const url = await start({ CALLBACK_URL: receiver.url });
    receiver.statuses = [404];
    const { body } = await postJson(
      `${url}/generated/v1/prompt`,
      { image_url: `${photos.url}/croissants` },
      { Prefer: 'wait=25' },
    );
    expect(body['code']).toBe('not_a_desk');
    const { body: log } = await eventually(
      () =>
        getJson<{ deliveries: { status: string }[] }>(
          `${url}/tasks/${String(body['task_id'])}/deliveries`,
        ),
      (answer) => answer.body.deliveries[0]?.status !== 'pending',
    );
    expect(log.deliveries).toMatchObject([{ status: 'failed', attempts: [{ status: 404 }] }]);
    expect(JSON.parse(receiver.received[0]?.text ?? '')).toMatchObject({
      status: 'rejected',
      processed_image_url: null,
      products: [],
      error: { code: 'not_a_desk' },
    });
  });

  it('calls a requested address only when its host is allowed', async () => {
    const url = await start({ CALLBACK_ALLOWED_HOSTS: receiver.host });
    for (const callback_url of [receiver.url, 'http://127.0.0.1:9/callback']) {
      await postJson(
        `${url}/generated/v1/prompt`,
        { image_url: `${photos.url}/desk`, callback_url },
        { Prefer: 'wait=25' },
      );
    }
    await until(1);
    const { body } = await getJson<{ tasks: { task_id: string }[] }>(`${url}/tasks`);
    const [refused] = body.tasks;
    const log = await getJson<{ deliveries: unknown[] }>(
      `${url}/tasks/${refused?.task_id}/deliveries`,
    );
    expect(log.body.deliveries).toEqual([]);
    expect(receiver.received).toHaveLength(1);
  });

  it('tells the backend about a desk photo after /classify', async () => {
    const url = await start({ CALLBACK_URL: receiver.url });
    const initial_image_url = `${photos.url}/desk`;
    await postJson(`${url}/classify`, { initial_image_url });
    await until(1);
    expect(JSON.parse(receiver.received[0]?.text ?? '')).toEqual({
      initial_image_url,
      classify: true,
    });
  });

  it('starts a v1 task after /classify when it is set to', async () => {
    const url = await start({ CALLBACK_URL: receiver.url, CLASSIFY_FOLLOW_UP: 'generate' });
    const desk = await postJson(`${url}/classify`, { initial_image_url: `${photos.url}/desk` });
    const sea = await postJson(`${url}/classify`, { initial_image_url: `${photos.url}/sea` });
    expect([desk.body['task_id'], sea.body['task_id']]).toEqual([expect.any(String), null]);
    await until(1);
    expect(JSON.parse(receiver.received[0]?.text ?? '')).toMatchObject({
      task_id: desk.body['task_id'],
      kind: 'generate.v1',
      status: 'succeeded',
    });
  });
});
