import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { ConfigurationError } from '../../src/common/errors/errors.js';
import { assertSettings } from '../../src/config/config.module.js';
import { TestPostgres } from '../durability/support/databases.js';
import { type RunningApp, type Settings, startApp } from '../support/app.js';
import { eventually, getJson, postJson } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';
import { readEvents, startedSteps, type TaskJson } from './support/receiver.js';

const V1 = '/generated/v1/generate';
const ON: Settings = { MOCK_SCENARIOS: 'on', MOCK_SLOW_SECONDS: '6' };

describe('mock scenarios and real tasks', () => {
  let photos: PhotoServer;
  const running: RunningApp[] = [];

  beforeAll(async () => {
    photos = await startPhotoServer();
  });
  afterEach(async () => {
    for (const service of running.splice(0)) await service.close();
  });
  afterAll(() => photos.close());

  const start = async (settings: Settings): Promise<RunningApp> => {
    const service = await startApp({
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      // Which photo the model takes for a desk is tested elsewhere.
      CLASSIFIER_THRESHOLD: '0.1',
      ...settings,
    });
    running.push(service);
    return service;
  };

  const stop = async (service: RunningApp): Promise<void> => {
    running.splice(running.indexOf(service), 1);
    await service.close();
  };

  const ask = (service: RunningApp, headers: Record<string, string>) =>
    postJson<TaskJson>(`${service.url}${V1}`, { image_url: `${photos.url}/desk` }, headers);

  const endOf = async (service: RunningApp, id: string): Promise<TaskJson> => {
    const { body } = await eventually(
      () => getJson<TaskJson>(`${service.url}/tasks/${id}`),
      (answer) => !['queued', 'running'].includes(answer.body.status),
      60_000,
    );
    return body;
  };

  it('are never one and the same: not by Idempotency-Key, not by joining what is in flight', async () => {
    const service = await start({ ...ON, DEDUPE_IN_FLIGHT: 'on' });
    const key = { 'Idempotency-Key': 'order-1' };
    const played = await ask(service, { ...key, 'X-Mock-Scenario': 'slow' });
    const again = await ask(service, { ...key, 'X-Mock-Scenario': 'slow' });
    expect(again.body.task_id).toBe(played.body.task_id);
    for (const headers of [key, { ...key, 'X-Mock-Scenario': 'not_a_desk' }]) {
      const other = await ask(service, headers);
      expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    }

    const real = await ask(service, {});
    expect(real.body.task_id).not.toBe(played.body.task_id);
    const joined = await ask(service, {});
    expect(joined.body.task_id).toBe(real.body.task_id);
    const task = await endOf(service, real.body.task_id);
    expect(task.status).toBe('succeeded');
    expect(task.warnings.filter((warning) => warning.startsWith('mock'))).toEqual([]);
  }, 60_000);

  it('ignores the header while the setting is off', async () => {
    const service = await start({});
    for (const scenario of ['not_a_desk', 'no such scenario']) {
      const { status, body } = await ask(service, {
        'X-Mock-Scenario': scenario,
        Prefer: 'wait=25',
      });
      expect([scenario, status, body.status]).toEqual([scenario, 200, 'succeeded']);
      expect(body.warnings.filter((warning) => warning.startsWith('mock'))).toEqual([]);
    }
  }, 60_000);

  it('plays on after a restart, from the step it had reached', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-mock-'));
    const settings = { ...ON, DATA_DIR: dataDir, SHUTDOWN_TIMEOUT_MS: '0' };
    try {
      const first = await start(settings);
      const { body } = await ask(first, { 'X-Mock-Scenario': 'slow' });
      await eventually(
        () => getJson<TaskJson>(`${first.url}/tasks/${body.task_id}`),
        (answer) => answer.body.progress.step === 'generate_image',
      );
      await stop(first);

      const second = await start(settings);
      const task = await endOf(second, body.task_id);
      expect(task).toMatchObject({ status: 'succeeded', warnings: ['mock_scenario:slow'] });
      const steps = startedSteps(await readEvents(`${second.url}/tasks/${body.task_id}/events`));
      const count = (line: string) => steps.filter((one) => one === line).length;
      expect([count('write_prompt'), count('generate_image')]).toEqual([1, 2]);
    } finally {
      for (const service of running.splice(0)) await service.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 90_000);

  it('is told to the operator by a sentence when it is switched on in production', () => {
    const environment = { NODE_ENV: 'production', AUTH: 'off', HOST: '127.0.0.1' };
    expect(() => assertSettings(environment)).not.toThrow();
    expect(() => assertSettings({ ...environment, MOCK_SCENARIOS: 'on' })).toThrow(
      ConfigurationError,
    );
    expect(() => assertSettings({ ...environment, MOCK_SCENARIOS: 'on' })).toThrow(
      /MOCK_SCENARIOS=on is refused in production: any client could make up results by a header/,
    );
  });

  describe('on PostgreSQL', () => {
    const postgres = new TestPostgres();
    let database: Settings;
    beforeAll(async () => {
      database = { DATABASE_URL: await postgres.create(), TASK_LEASE_MS: '2000' };
    }, 120_000);
    afterAll(() => postgres.end());

    it('plays on another process than the one that was asked', async () => {
      const api = await start({ ...ON, ...database, ROLE: 'api' });
      await start({ ...ON, ...database, ROLE: 'worker' });
      const { body } = await ask(api, { 'X-Mock-Scenario': 'content_rejected' });
      expect(await endOf(api, body.task_id)).toMatchObject({
        status: 'failed',
        error: { code: 'content_rejected' },
        warnings: ['mock_scenario:content_rejected'],
      });
    }, 90_000);

    it('ends a scenario on a worker that plays none, instead of working for real', async () => {
      const api = await start({ ...ON, ...database, ROLE: 'api' });
      await start({ ...database, ROLE: 'worker' });
      const { body } = await ask(api, { 'X-Mock-Scenario': 'no_products' });
      const task = await endOf(api, body.task_id);
      expect(task).toMatchObject({ status: 'failed', progress: { step: null } });
      expect(task.error?.message).toContain('MOCK_SCENARIOS');
    }, 90_000);
  });
});
