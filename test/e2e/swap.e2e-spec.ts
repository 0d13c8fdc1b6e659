import { createServer, type Server } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type RunningApp, startApp } from '../support/app.js';
import { postJson } from '../support/http.js';
import { type PhotoServer, readPhoto, startPhotoServer } from '../support/photo-server.js';

/** Speaks the OpenAI-shaped `POST /v1/images/edits` and answers with a desk. */
const startInferenceServer = async (): Promise<{
  server: Server;
  url: string;
  calls: string[];
}> => {
  const picture = (await readPhoto('whiteDesk')).toString('base64');
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1');
      const isEdit = request.url === '/v1/images/edits' && body.includes('filename="desk.jpg"');
      // The health check asks for the models now and then; only drawings count here.
      if (request.method === 'POST') calls.push(`${request.method} ${request.url}`);
      response
        .writeHead(isEdit ? 200 : 400, { 'Content-Type': 'application/json' })
        .end(JSON.stringify(isEdit ? { created: 1, data: [{ b64_json: picture }] } : {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { server, url: `http://127.0.0.1:${port}/v1`, calls };
};

describe('swapping the image generator', () => {
  let photos: PhotoServer;
  let inference: Awaited<ReturnType<typeof startInferenceServer>>;
  let embedded: RunningApp;
  let swapped: RunningApp;

  beforeAll(async () => {
    photos = await startPhotoServer();
    inference = await startInferenceServer();
    const settings = {
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      CUSTOM_INFERENCE_URL: inference.url,
    };
    embedded = await startApp(settings);
    swapped = await startApp({ ...settings, IMAGE_GENERATOR: 'custom' });
  });
  afterAll(async () => {
    await embedded.close();
    await swapped.close();
    await photos.close();
    inference.server.close();
  });

  const drawnBy = async (service: RunningApp, version: string): Promise<unknown> => {
    const { status, body } = await postJson(
      `${service.url}/generated/${version}/generate`,
      { image_url: `${photos.url}/desk` },
      { Prefer: 'wait=25' },
    );
    expect(status).toBe(200);
    return (body['provider'] as { image: string }).image;
  };

  it('is one setting: the same request through v1 is drawn by the custom generator', async () => {
    expect(await drawnBy(embedded, 'v1')).toBe('embedded');
    expect(inference.calls).toEqual([]);
    expect(await drawnBy(swapped, 'v1')).toBe('custom');
    expect(inference.calls).toEqual(['POST /v1/images/edits']);
  });

  it('leaves v2 with the custom generator in both cases', async () => {
    expect(await drawnBy(embedded, 'v2')).toBe('custom');
    expect(await drawnBy(swapped, 'v2')).toBe('custom');
  });
});
