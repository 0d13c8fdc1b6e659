import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { buildHostileImages } from '../fixtures/hostile-images.js';
import { type RunningApp, startApp } from '../support/app.js';
import { getJson, postJson, type JsonAnswer } from '../support/http.js';
import { type Answer, type PhotoServer, startPhotoServer } from '../support/photo-server.js';

const MAX_BYTES = 400_000;

describe('photos that are not what they seem', () => {
  let photos: PhotoServer;
  let service: RunningApp;

  beforeAll(async () => {
    photos = await startPhotoServer();
    service = await startApp({
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      IMAGE_FIRST_BYTE_TIMEOUT_MS: '500',
      IMAGE_TIMEOUT_MS: '1500',
      IMAGE_MAX_BYTES: String(MAX_BYTES),
    });
  });
  afterAll(async () => {
    await service.close();
    await photos.close();
  });

  const classify = (path: string): Promise<JsonAnswer> =>
    postJson(`${service.url}/classify`, { initial_image_url: `${photos.url}/${path}` });

  const upstreams: readonly (readonly [string, Answer, string])[] = [
    ['404', (_, response) => response.writeHead(404).end(), 'image_unreachable'],
    ['500', (_, response) => response.writeHead(500).end(), 'image_unreachable'],
    ['never-answers', () => undefined, 'image_unreachable'],
    ['reset', (request) => request.socket.destroy(), 'image_unreachable'],
    [
      'too-many-bytes',
      (_, response) => response.writeHead(200).end(Buffer.alloc(MAX_BYTES + 1, 0xff)),
      'image_too_large',
    ],
    [
      'html',
      (_, response) => response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end('<html>'),
      'image_type_unsupported',
    ],
    [
      'redirects-inside',
      (_, response) => response.writeHead(302, { Location: 'http://169.254.169.254/' }).end(),
      'image_url_forbidden',
    ],
  ];

  it.each(upstreams)('a server that answers with %s', async (path, answer, code) => {
    photos.answer(path, answer);
    const { status, body } = await classify(path);
    expect([status, body['code']]).toEqual([422, code]);
  });

  it('answers every hostile file with the contract’s code and goes on', async () => {
    const files = await buildHostileImages();
    const small = files.filter(({ bytes }) => bytes.length <= MAX_BYTES);
    expect(small.length).toBeGreaterThan(40);
    for (const image of small) {
      photos.answer('hostile', (_, response) => response.writeHead(200).end(image.bytes));
      const { status, body } = await classify('hostile');
      const expected = image.expected === 'accepted' ? [200, undefined] : [422, image.expected];
      expect([image.name, status, body['code']]).toEqual([image.name, ...expected]);
    }
    expect((await getJson(`${service.url}/health/live`)).status).toBe(200);
  });
});
