import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type RunningApp, startApp } from '../support/app.js';
import { postJson, type JsonAnswer } from '../support/http.js';
import { type PhotoName, type PhotoServer, startPhotoServer } from '../support/photo-server.js';

describe('POST /classify', () => {
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

  const classify = (name: string): Promise<JsonAnswer> =>
    postJson(`${service.url}/classify`, { initial_image_url: `${photos.url}/${name}` });

  it.each<[PhotoName, boolean]>([
    ['desk', true],
    ['whiteDesk', true],
    ['sea', false],
    ['portrait', false],
    ['croissants', false],
    ['coffee', false],
  ])('says of the photo "%s" that it is a desk: %s', async (name, isDesk) => {
    const { status, body } = await classify(name);
    expect(status).toBe(200);
    expect(body).toEqual({
      initial_image_url: `${photos.url}/${name}`,
      classify: isDesk,
      confidence: expect.any(Number),
      reason: isDesk ? null : expect.stringMatching(/^(no_desk|screenshot)$/),
      tip: isDesk
        ? null
        : { ko: expect.stringMatching(/[가-힣]/), en: expect.stringMatching(/\w+/) },
      model: expect.stringMatching(/^[\w.-]+@[\w.+-]+$/),
      task_id: null,
    });
    expect(body['confidence']).toBeGreaterThanOrEqual(0);
    expect(body['confidence']).toBeLessThanOrEqual(1);
  });

  it('echoes the address byte for byte', async () => {
    const url = `${photos.url}/desk?name=%EC%B1%85%EC%83%81&x=a+b`;
    photos.answer('desk?name=%EC%B1%85%EC%83%81&x=a+b', (_, response) => {
      response.writeHead(302, { Location: '/desk' }).end();
    });
    const { body } = await postJson(`${service.url}/classify`, { initial_image_url: url });
    expect(body).toMatchObject({ initial_image_url: url, classify: true });
  });

  it('answers at the older address as well', async () => {
    const { status, body } = await postJson(`${service.url}/app/routers/classify`, {
      initial_image_url: `${photos.url}/desk`,
    });
    expect(status).toBe(200);
    expect(body['classify']).toBe(true);
  });

  it.each([
    ['loopback that nobody allowed', 'http://127.0.0.1:1/a.jpg', 'image_url_forbidden'],
    ['a private address', 'http://10.0.0.1/a.jpg', 'image_url_forbidden'],
    ['cloud metadata', 'http://169.254.169.254/latest/meta-data', 'image_url_forbidden'],
    ['another scheme', 'file:///etc/passwd', 'image_url_forbidden'],
    ['a host that does not exist', 'http://no-such-host.invalid/a.jpg', 'image_unreachable'],
  ])('refuses %s', async (_, url, code) => {
    const { status, body } = await postJson(`${service.url}/classify`, { initial_image_url: url });
    expect([status, body['code']]).toEqual([422, code]);
  });

  it.each([
    ['no body', '', 'validation_failed'],
    ['broken JSON', '{"initial_image_url": ', 'malformed_json'],
    ['an array', '[]', 'validation_failed'],
    ['a wrong type', '{"initial_image_url": 5}', 'validation_failed'],
    ['no address', '{"initial_image_url": "desk.jpg"}', 'validation_failed'],
  ])('answers 400 to %s', async (_, body, code) => {
    const answer = await postJson(`${service.url}/classify`, body);
    expect([answer.status, answer.body['code']]).toEqual([400, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});
