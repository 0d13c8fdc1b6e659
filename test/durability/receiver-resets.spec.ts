import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { type RunningApp, startApp } from '../support/app.js';
import { eventually, getJson, postJson } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';

interface Received {
  readonly id: string;
  readonly body: string;
}

interface DeliveryLog {
  readonly deliveries: readonly {
    readonly status: string;
    readonly attempts: readonly { readonly status: number | null; readonly reason: string }[];
  }[];
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('a receiver that handles a callback and resets the connection before it answers', () => {
  let photos: PhotoServer;
  let server: Server;
  let service: RunningApp;
  let received: Received[];
  /** What the backend has done; it does nothing twice for one id. */
  let handled: Map<string, string>;

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const id = String(request.headers['webhook-id']);
    received.push({ id, body });
    const isNew = !handled.has(id);
    if (isNew) handled.set(id, body);
    if (isNew) request.socket.resetAndDestroy();
    else response.writeHead(200).end();
  };

  beforeEach(async () => {
    received = [];
    handled = new Map();
    photos = await startPhotoServer();
    server = createServer((request, response) => void receive(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    service = await startApp({
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      CALLBACK_URL: `http://127.0.0.1:${port}/callback`,
      CALLBACK_BACKOFF_MS: '10',
    });
  }, 60_000);
  afterEach(async () => {
    await service.close();
    await photos.close();
    server.closeAllConnections();
    server.close();
  });

  it('is told again under the same id, with the same bytes, and can tell', async () => {
    const { body: task } = await postJson(
      `${service.url}/generated/v1/prompt`,
      { image_url: `${photos.url}/desk` },
      { Prefer: 'wait=25' },
    );
    const id = String(task['task_id']);
    const { body } = await eventually(
      () => getJson<DeliveryLog>(`${service.url}/tasks/${id}/deliveries`),
      (answer) => answer.body.deliveries[0]?.status === 'delivered',
    );
    expect(body.deliveries).toMatchObject([
      {
        status: 'delivered',
        attempts: [
          { status: null, reason: 'connection_failed' },
          { status: 200, reason: 'ok' },
        ],
      },
    ]);
    expect(received).toHaveLength(2);
    expect(received[1]).toEqual(received[0]);
    expect(handled.size).toBe(1);
  }, 60_000);
});
