import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type PostgresServer, startPostgres } from '../../scripts/postgres.mjs';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually, getJson, type JsonAnswer, postJson } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';
import {
  ACCESS_KEY,
  BUCKET,
  type S3Server,
  SECRET_KEY,
  startS3Server,
  whyNoS3Server,
} from '../support/s3/s3-server.js';

interface Health {
  readonly status: string;
  readonly error: Readonly<Record<string, unknown>>;
  readonly details: Readonly<Record<string, { readonly status: string }>>;
}

interface TaskBody {
  readonly task_id: string;
  readonly status: string;
}

const TIMEOUT_MS = 60_000;

if (whyNoS3Server !== undefined) process.stderr.write(`S3 is not stopped, ${whyNoS3Server}\n`);
const itWithS3 = whyNoS3Server === undefined ? it : it.skip;

/** `npm run bench:outage` measures the times; here it is only what is said and what goes on. */
describe('while what all instances share is away', () => {
  let postgres: PostgresServer;
  let s3: S3Server | undefined;
  let photos: PhotoServer;
  let app: RunningApp;

  beforeAll(async () => {
    postgres = await startPostgres({ fsync: false });
    photos = await startPhotoServer();
    if (whyNoS3Server === undefined) s3 = await startS3Server();
    app = await startApp({
      DATABASE_URL: postgres.url,
      ...(s3 && {
        S3_BUCKET: BUCKET,
        S3_ENDPOINT: s3.url,
        AWS_ACCESS_KEY_ID: ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      }),
      HEALTH_INTERVAL_MS: '200',
      // A task whose step fails ends at once: it is not allowed to.
      TASK_STEP_ATTEMPTS: '1',
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      CLASSIFIER_CACHE_SIZE: '0',
      CLASSIFY_FOLLOW_UP: 'none',
    });
    await turns('task_store', 'up');
  }, TIMEOUT_MS);

  afterAll(async () => {
    await app?.close();
    await Promise.all([photos?.close(), s3?.close(), postgres?.stop()]);
  });

  const health = (): Promise<JsonAnswer<Health>> => getJson<Health>(`${app.url}/health`);
  const turns = (part: string, status: string): Promise<JsonAnswer<Health>> =>
    eventually(health, ({ body }) => body.details[part]?.status === status);
  const generate = (): Promise<JsonAnswer<TaskBody>> =>
    postJson<TaskBody>(`${app.url}/generated/v1/generate`, { image_url: `${photos.url}/desk` });
  const taskOf = async (id: string): Promise<TaskBody> =>
    (await getJson<TaskBody>(`${app.url}/tasks/${id}`)).body;

  const expectToServe = async (part: string): Promise<void> => {
    const { status, body } = await turns(part, 'degraded');
    expect({ status, overall: body.status, error: body.error }).toEqual({
      status: 200,
      overall: 'degraded',
      error: {},
    });
    expect((await getJson(`${app.url}/health/live`)).status).toBe(200);
    expect((await getJson(`${app.url}/healthcheck`)).status).toBe(200);
    const classified = await postJson(`${app.url}/classify`, {
      initial_image_url: `${photos.url}/desk`,
    });
    expect(classified).toMatchObject({ status: 200, body: { classify: true } });
  };

  it(
    'PostgreSQL: the instance stays in, classifies, and says when to come back for a drawing',
    async () => {
      await postgres.halt('fast');
      await expectToServe('task_store');
      const refused = await generate();
      expect(refused).toMatchObject({ status: 503, body: { code: 'provider_unavailable' } });
      expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);

      await postgres.start();
      expect(await turns('task_store', 'up')).toMatchObject({ status: 200 });
      const { status, body } = await generate();
      expect(status).toBe(202);
      const ended = await eventually(
        () => taskOf(body.task_id),
        (task) => !['queued', 'running'].includes(task.status),
      );
      expect(ended.status).toBe('succeeded');
    },
    TIMEOUT_MS,
  );

  itWithS3(
    'S3: the instance stays in, classifies, and keeps the tasks that it takes until S3 is back',
    async () => {
      await s3?.halt();
      await expectToServe('image_store');
      const { status, body } = await generate();
      expect(status).toBe(202);
      const until = Date.now() + 3_000;
      while (Date.now() < until) {
        expect(['queued', 'running']).toContain((await taskOf(body.task_id)).status);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }

      await s3?.start();
      expect(await turns('image_store', 'up')).toMatchObject({ status: 200 });
      const ended = await eventually(
        () => taskOf(body.task_id),
        (task) => !['queued', 'running'].includes(task.status),
      );
      expect(ended.status).toBe('succeeded');
    },
    TIMEOUT_MS,
  );
});
