import { createServer, get, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { eventually, postJson } from '../support/http.js';
import { readPhoto } from '../support/photo-server.js';
import { Cluster, type TaskBody } from './support/cluster.js';
import { EventListener, upTo } from './support/event-listener.js';
import { type ServiceProcess } from './support/service.js';

const TIMEOUT_MS = 180_000;

/** A photo server that answers when the test says so. */
class HeldPhoto {
  private readonly waiting: ServerResponse[] = [];

  private constructor(
    private readonly server: Server,
    readonly host: string,
  ) {
    server.on('request', (_request, response) => void this.waiting.push(response));
  }

  static async start(): Promise<HeldPhoto> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return new HeldPhoto(server, `127.0.0.1:${port}`);
  }

  get url(): string {
    return `http://${this.host}/desk.jpg`;
  }

  async asked(): Promise<void> {
    await eventually(
      async () => this.waiting.length,
      (length) => length > 0,
    );
  }

  async release(): Promise<void> {
    const bytes = await readPhoto('desk');
    for (const response of this.waiting) {
      response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(bytes);
    }
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** `ok`, or the code of the error; always over a new connection. */
const knock = (url: string): Promise<string> =>
  new Promise((resolve) => {
    get(`${url}/health/live`, { agent: false }, (response) => {
      response.resume();
      resolve('ok');
    }).on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  });

const connectSilently = async (url: string): Promise<Socket> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return socket;
};

describe('SIGTERM with clients in the middle of something', () => {
  let cluster: Cluster;
  let photo: HeldPhoto;

  beforeEach(async () => {
    cluster = await Cluster.create({ SHUTDOWN_NOTICE_MS: '0' });
    photo = await HeldPhoto.start();
  });
  afterEach(async () => {
    await cluster.stop();
    photo.close();
  });

  const startClassifying = async (settings: Readonly<Record<string, string>>) => {
    const service = await cluster.start({
      IMAGE_ALLOWED_PRIVATE_HOSTS: photo.host,
      // The photo must not be given up before the test lets it go.
      IMAGE_TIMEOUT_MS: '60000',
      IMAGE_FIRST_BYTE_TIMEOUT_MS: '60000',
      ...settings,
    });
    const answer = postJson(`${service.url}/classify`, { initial_image_url: photo.url });
    answer.catch(() => undefined);
    await photo.asked();
    return { service, answer };
  };

  const refusesConnections = (service: ServiceProcess): Promise<string> =>
    eventually(
      () => knock(service.url),
      (outcome) => outcome === 'ECONNREFUSED',
      60_000,
    );

  it(
    'finishes the answer that is under way, takes no new connection, and waits for nobody else',
    async () => {
      // Whoever waited for the silent connection would wait longer than this test.
      const { service, answer } = await startClassifying({ SHUTDOWN_TIMEOUT_MS: '300000' });
      const silent = await connectSilently(service.url);
      const exit = service.kill('SIGTERM');
      await refusesConnections(service);
      await photo.release();
      const { status, headers, body } = await answer;
      expect({ status, classify: body['classify'] }).toEqual({ status: 200, classify: true });
      expect(headers.get('connection')).toBe('close');
      expect(await exit).toBe(0);
      silent.destroy();
    },
    TIMEOUT_MS,
  );

  it(
    'cuts an answer that does not come to its end, and exits with 0 all the same',
    async () => {
      const { service, answer } = await startClassifying({ SHUTDOWN_TIMEOUT_MS: '1500' });
      expect(await service.kill('SIGTERM')).toBe(0);
      await expect(answer).rejects.toThrow();
    },
    TIMEOUT_MS,
  );

  it(
    'tells listeners to come back, who miss nothing, and answers those who wait with 202',
    async () => {
      cluster.standIns.drawMs = 120_000;
      const service = await cluster.start({ SHUTDOWN_TIMEOUT_MS: '2000' });
      const id = await cluster.submit(service, 1);
      await cluster.drawn(1);
      const url = `${service.url}/tasks/${id}/events`;
      const before = await EventListener.open(url);
      await before.heard(3);
      const waiting = postJson<TaskBody>(
        `${service.url}/generated/v2/generate`,
        { image_url: cluster.standIns.photoUrl(2) },
        { Prefer: 'wait=25' },
      );
      await cluster.drawn(2);

      const exit = service.kill('SIGTERM');
      expect(await waiting).toMatchObject({ status: 202 });
      await before.over();
      expect(before.comments).toContainEqual(expect.stringContaining('Last-Event-ID'));
      expect(before.retryMs).toBeGreaterThan(0);
      expect(await exit).toBe(0);

      cluster.standIns.drawMs = 50;
      await service.start();
      const after = await EventListener.open(url, before.ids.at(-1) ?? 0);
      await after.over(60_000);
      expect(after.events.at(-1)).toMatchObject({ type: 'ended', data: { status: 'succeeded' } });
      const ids = [...before.ids, ...after.ids];
      expect(ids).toEqual(upTo(ids.length));
    },
    TIMEOUT_MS,
  );
});
