import { symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { SHIPPED } from '../support/classifier.js';
import { eventually, getJson, postJson } from '../support/http.js';
import { Cluster } from './support/cluster.js';
import { TestPostgres } from './support/databases.js';
import { type ServiceProcess } from './support/service.js';

const TIMEOUT_MS = 180_000;

interface Health {
  readonly status: string;
  readonly info?: Readonly<Record<string, Record<string, unknown>>>;
}

describe('a process with ROLE=api that has no model and no key of a provider', () => {
  const postgres = new TestPostgres();
  let databaseUrl: string;
  let cluster: Cluster;
  let modelDir: string;

  beforeAll(async () => {
    databaseUrl = await postgres.create();
  }, TIMEOUT_MS);
  beforeEach(async () => {
    cluster = await Cluster.create({ DATABASE_URL: databaseUrl });
    modelDir = join(cluster.dataDir, 'model');
  });
  afterEach(() => cluster.stop());
  afterAll(() => postgres.end());

  const startApi = (): Promise<ServiceProcess> =>
    cluster.start({
      ROLE: 'api',
      CLASSIFIER_MODEL_DIR: modelDir,
      // What the workers use; their keys are not here.
      PROMPT_WRITER: 'openai',
      IMAGE_GENERATOR: 'openai,embedded',
      PRODUCT_SEARCH: 'naver,elevenst,catalogue',
    });

  const classify = (api: ServiceProcess): ReturnType<typeof postJson> =>
    postJson(`${api.url}/classify`, { initial_image_url: cluster.standIns.photoUrl(1) });

  it(
    'starts, is ready, takes tasks in and tells about them',
    async () => {
      const api = await startApi();
      const { body: health } = await eventually(
        () => getJson<Health>(`${api.url}/health`),
        ({ status }) => status === 200,
        60_000,
      );
      expect(health.info).toMatchObject({ classifier: { status: 'up', model: null } });
      expect(health.info).not.toHaveProperty('worker');
      expect((await getJson(`${api.url}/info`)).body).toMatchObject({ classifier: null });

      const id = await cluster.submit(api, 1);
      expect(await cluster.read(api, id)).toMatchObject({ status: 'queued' });
      await cluster.start({ ROLE: 'worker' });
      expect(await cluster.ended(api, id)).toMatchObject({ status: 'succeeded' });
    },
    TIMEOUT_MS,
  );

  it(
    'says that it cannot classify, without downloading the photo, until a model is there',
    async () => {
      const api = await startApi();
      const refused = await classify(api);
      expect(refused).toMatchObject({
        status: 503,
        body: {
          code: 'provider_unavailable',
          detail: 'This instance cannot classify photos.',
        },
      });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(cluster.standIns.calls).toEqual([]);

      await symlink(SHIPPED, modelDir);
      api.signal('SIGHUP');
      const answer = await eventually(
        () => classify(api),
        ({ status }) => status === 200,
        60_000,
      );
      expect(answer.body).toMatchObject({ classify: true, model: expect.any(String) });
    },
    TIMEOUT_MS,
  );

  it(
    'is the only one that may be without: a worker does not start',
    async () => {
      const start = cluster.start({ ROLE: 'worker', CLASSIFIER_MODEL_DIR: modelDir });
      await expect(start).rejects.toThrow(/model\.json cannot be read/);
    },
    TIMEOUT_MS,
  );
});
