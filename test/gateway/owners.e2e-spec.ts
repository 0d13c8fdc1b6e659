import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type RunningApp, startApp } from '../support/app.js';
import { getJson, postJson, send } from '../support/http.js';
import { aKey, keysSetting } from '../support/keys.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';

const alice = aKey('alice', 'generate', 'tasks');
const aliceRolled = aKey('alice', 'tasks');
const bob = aKey('bob', 'generate', 'tasks');
const admin = aKey('ops', 'admin');

describe('Owners of tasks', () => {
  let app: RunningApp;
  let photos: PhotoServer;
  let taskUrl: string;

  beforeAll(async () => {
    photos = await startPhotoServer();
    app = await startApp({
      API_KEYS: keysSetting(alice, aliceRolled, bob, admin),
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
    });
    const { body } = await postJson(
      `${app.url}/generated/v1/prompt`,
      { image_url: `${photos.url}/desk` },
      { ...alice.bearer, Prefer: 'wait=0' },
    );
    taskUrl = `${app.url}/tasks/${String(body['task_id'])}`;
  });
  afterAll(async () => {
    await app.close();
    await photos.close();
  });

  const listed = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    const { body } = await getJson<{ tasks: unknown[] }>(`${app.url}/tasks`, { ...headers });
    return body.tasks.length;
  };

  it.each([
    ['the key that made it', alice],
    ['the rolled key of the same name', aliceRolled],
    ['an admin', admin],
  ])('shows a task to %s', async (_title, key) => {
    expect((await getJson(taskUrl, { ...key.bearer })).status).toBe(200);
    expect(await listed(key.bearer)).toBe(1);
  });

  it.each([
    ['GET', ''],
    ['GET', '/events'],
    ['GET', '/deliveries'],
    ['POST', '/cancel'],
    ['POST', '/redeliver'],
    ['DELETE', ''],
  ])('does not exist for another key: %s %s', async (method, suffix) => {
    const { status, body } = await send(method, taskUrl + suffix, { headers: bob.bearer });

    expect([status, body['code']]).toEqual([404, 'not_found']);
    expect(await listed(bob.bearer)).toBe(0);
  });

  it('lets two owners use the same Idempotency-Key without seeing each other', async () => {
    const ask = (key: typeof alice) =>
      postJson(
        `${app.url}/generated/v1/prompt`,
        { image_url: `${photos.url}/desk` },
        { ...key.bearer, 'Idempotency-Key': 'order-1', Prefer: 'wait=0' },
      );
    const [first, again, other] = [await ask(alice), await ask(alice), await ask(bob)];

    expect(again.body['task_id']).toBe(first.body['task_id']);
    expect(other.body['task_id']).not.toBe(first.body['task_id']);
  });
});
