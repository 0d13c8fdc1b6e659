import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

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

type Body = Record<string, unknown>;

if (whyNoS3Server !== undefined) process.stderr.write(`S3 tests are left out, ${whyNoS3Server}\n`);
const describeS3 = whyNoS3Server === undefined ? describe : describe.skip;

describeS3('the whole service with its images on S3', () => {
  let app: RunningApp;
  let s3: S3Server;

  beforeAll(async () => {
    s3 = await startS3Server();
    app = await startApp({
      S3_BUCKET: BUCKET,
      S3_ENDPOINT: s3.url,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      MAX_WAIT_SECONDS: '60',
    });
  }, 60_000);

  afterAll(async () => {
    await app?.close();
    await s3?.close();
  });

  it('takes an upload, redraws it and hands out the result, then removes both', async () => {
    const upload = await postJson<Body>(`${app.url}/uploads`, {});
    const ticket = upload.body as {
      upload_url: string;
      image_url: string;
      headers: Record<string, string>;
    };
    expect(ticket.upload_url.startsWith(s3.url)).toBe(true);
    const photo = new Uint8Array(await readPhoto('desk'));
    const put = await fetch(ticket.upload_url, {
      method: 'PUT',
      headers: ticket.headers,
      body: photo,
    });
    expect(put.status).toBe(200);

    const { status, body } = await postJson<Body>(
      `${app.url}/generated/v1/generate`,
      { image_url: ticket.image_url },
      { Prefer: 'wait=60' },
    );
    expect({ status, error: body['error'] }).toEqual({ status: 200, error: null });

    const link = String(body['processed_image_url']);
    expect(link).toMatch(/\/images\/[0-9a-f-]+\.jpg$/);
    const redirect = await fetch(link, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    expect(redirect.headers.get('location')).toContain(`/${BUCKET}/desk-ai/20`);
    const picture = await fetch(link);
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    expect(picture.headers.get('cache-control')).toContain('immutable');

    expect((await send('DELETE', `${app.url}/tasks/${String(body['task_id'])}`)).status).toBe(204);
    expect((await fetch(link)).status).toBe(404);
  }, 120_000);
});
