import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type TestingModuleBuilder } from '@nestjs/testing';

import { HEALTH_CHECKS, type HealthCheck, ok } from '../../src/health/health-check.js';
import { DESK_CLASSIFIER } from '../../src/providers/desk-classifier/desk-classifier.port.js';
import { IMAGE_STORE } from '../../src/providers/image-store/image-store.port.js';
import { ProviderStatus } from '../../src/providers/status/provider-status.js';
import { StoreUnavailable } from '../../src/tasks/store/store-unavailable.js';
import { TaskEngine } from '../../src/tasks/task-engine.js';
import { FakeImageStore } from '../fakes/fake-image-store.js';
import { type RunningApp, type Settings, startApp } from '../support/app.js';
import { eventually, getJson, type JsonAnswer } from '../support/http.js';

interface HealthBody {
  readonly status: string;
  readonly info: Record<string, { status: string }>;
  readonly error: Record<string, { status: string }>;
  readonly details: Record<string, { status: string; message?: string }>;
}

/** Only health is looked at here: no model is loaded. */
const classifier = {
  ready: true,
  isReady: () => classifier.ready,
  info: () => ({
    name: 'fake',
    version: '1.0.0',
    sha256: 'x',
    threshold: 0.5,
    inputWidth: 1,
    inputHeight: 1,
  }),
  close: () => Promise.resolve(),
};

const FAST = { HEALTH_INTERVAL_MS: '100', HEALTH_DISK_MIN_MB: '1' };

const start = (
  settings: Settings,
  customise: (builder: TestingModuleBuilder) => TestingModuleBuilder = (builder) => builder,
): Promise<RunningApp> =>
  startApp({ ...FAST, ...settings }, (builder) =>
    customise(builder.overrideProvider(DESK_CLASSIFIER).useValue(classifier)),
  );

const health = ({ url }: RunningApp): Promise<JsonAnswer<HealthBody>> => getJson(`${url}/health`);

const until = (app: RunningApp, name: string, status: string): Promise<JsonAnswer<HealthBody>> =>
  eventually(
    () => health(app),
    ({ body }) => body.details[name]?.status === status,
  );

const hang = (): Promise<never> => new Promise(() => undefined);
const refuse = (): Promise<never> => Promise.reject(new Error('10.0.0.7 refused'));
const away = (): Promise<never> =>
  Promise.reject(new StoreUnavailable(new Error('10.0.0.7 refused')));

describe('health of a service with everything embedded', () => {
  const images = new FakeImageStore();
  let app: RunningApp;
  beforeAll(async () => {
    app = await start({ HEALTH_RSS_LIMIT_MB: '100000' }, (builder) =>
      builder.overrideProvider(IMAGE_STORE).useValue(images),
    );
  }, 60_000);
  afterAll(() => app.close());
  afterEach(() => {
    classifier.ready = true;
    jest.restoreAllMocks();
  });

  const engine = (): TaskEngine => app.app.get(TaskEngine);

  it('is up, part by part', async () => {
    const { status, body, headers } = await eventually(
      () => health(app),
      (answer) => answer.status === 200,
    );
    expect({ status, of: body.status, error: body.error }).toEqual({
      status: 200,
      of: 'ok',
      error: {},
    });
    expect(Object.keys(body.details).toSorted()).toEqual([
      'classifier',
      'disk',
      'image_store',
      'memory',
      'providers',
      'task_store',
      'worker',
    ]);
    expect(headers.get('Cache-Control')).toBe('no-store');
  });

  it.each(['/healthcheck', '/app/routers/healthcheck'])('%s says healthy', async (path) => {
    await until(app, 'providers', 'up');
    const { status, body } = await getJson(app.url + path);
    expect({ status, body }).toEqual({ status: 200, body: { status: 'healthy' } });
  });

  const TROUBLES: readonly (readonly [
    name: string,
    make: () => void,
    http: number,
    overall: string,
    status: string,
  ])[] = [
    ['classifier', () => (classifier.ready = false), 503, 'error', 'down'],
    [
      'worker',
      () => jest.spyOn(engine(), 'check').mockImplementation(refuse),
      503,
      'error',
      'down',
    ],
    [
      'task_store',
      () => jest.spyOn(engine().store, 'countQueued').mockImplementation(away),
      503,
      'error',
      'down',
    ],
    [
      'image_store',
      () => jest.spyOn(images, 'check').mockImplementation(refuse),
      503,
      'error',
      'down',
    ],
    [
      'providers',
      () => jest.spyOn(app.app.get(ProviderStatus), 'read').mockImplementation(refuse),
      200,
      'degraded',
      'degraded',
    ],
  ];

  it.each(TROUBLES)(
    'trouble of %s is told and passes',
    async (name, make, http, overall, status) => {
      await until(app, name, 'up');
      make();
      const { status: code, body } = await until(app, name, status);
      expect({ code, overall: body.status }).toEqual({ code: http, overall });
      expect(body[status === 'down' ? 'error' : 'info']).toHaveProperty(name);
      expect(JSON.stringify(body)).not.toContain('10.0.0.7');
      const old = await getJson(`${app.url}/healthcheck`);
      expect(old).toMatchObject(
        http === 503
          ? { status: 503, body: { status: 'unhealthy', failed: [name] } }
          : { status: 200, body: { status: 'healthy' } },
      );
      expect((await getJson(`${app.url}/health/live`)).status).toBe(200);
      classifier.ready = true;
      jest.restoreAllMocks();
      expect((await until(app, name, 'up')).status).toBe(200);
    },
  );

  it('answers HEAD, as some probes ask', async () => {
    await until(app, 'providers', 'up');
    expect((await fetch(`${app.url}/health`, { method: 'HEAD' })).status).toBe(200);
  });
});

describe('health of a service with a bucket', () => {
  const images = new FakeImageStore();
  let app: RunningApp;
  beforeAll(async () => {
    const s3 = { STORAGE: 's3', S3_BUCKET: 'photos', S3_REGION: 'ap-northeast-2' };
    app = await start({ ...s3, HEALTH_CHECK_TIMEOUT_MS: '200' }, (builder) =>
      builder.overrideProvider(IMAGE_STORE).useValue(images),
    );
  }, 60_000);
  afterAll(() => app.close());

  it('is degraded, and answers, while the bucket is asked and does not answer', async () => {
    await until(app, 'image_store', 'up');
    let pending = 0;
    const spy = jest.spyOn(images, 'check').mockImplementation(() => {
      pending += 1;
      return hang();
    });
    const { status, body } = await until(app, 'image_store', 'degraded');
    expect(pending).toBeGreaterThan(0);
    expect({ status, overall: body.status, error: body.error }).toEqual({
      status: 200,
      overall: 'degraded',
      error: {},
    });
    expect((await getJson(`${app.url}/healthcheck`)).status).toBe(200);
    spy.mockRestore();
  });
});

describe('the start', () => {
  it('is 503 until every check has run once, while the process is alive', async () => {
    const gate = Promise.withResolvers<void>();
    const check = (name: string, scope: HealthCheck['scope'], run: HealthCheck['run']) =>
      ({ name, scope, whenLate: 'busy', timeoutMs: 60_000, run }) satisfies HealthCheck;
    const app = await start({}, (builder) =>
      builder
        .overrideProvider(HEALTH_CHECKS)
        .useValue([
          check('quick', 'instance', () => ok()),
          check('slow', 'shared', () => gate.promise.then(() => ok())),
        ]),
    );
    try {
      const { status, body } = await until(app, 'quick', 'up');
      expect(status).toBe(503);
      expect(body).toMatchObject({
        status: 'error',
        info: { quick: { status: 'up' } },
        error: { slow: { status: 'down', message: 'This has not been checked yet.' } },
      });
      expect((await getJson(`${app.url}/health/live`)).status).toBe(200);
      expect((await getJson(`${app.url}/healthcheck`)).body).toEqual({
        status: 'unhealthy',
        failed: ['slow'],
      });
      gate.resolve();
      expect((await until(app, 'slow', 'up')).status).toBe(200);
    } finally {
      await app.close();
    }
  }, 60_000);
});

describe('GPU_CHECK=nvidia-smi', () => {
  const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'nvidia-smi');
  let folder: string;
  let app: RunningApp;

  const install = async (scenario: string): Promise<void> => {
    await rm(join(folder, 'nvidia-smi'), { force: true });
    await symlink(join(FIXTURES, scenario, 'nvidia-smi'), join(folder, 'nvidia-smi'));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desk-ai-gpu-'));
    await install('healthy-l4');
    app = await start({
      GPU_CHECK: 'nvidia-smi',
      GPU_CHECK_TIMEOUT_MS: '3000',
      PATH: `${folder}:/usr/bin:/bin`,
    });
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows the GPU, is down while it is lost or hangs, and recovers', async () => {
    expect((await until(app, 'gpu', 'up')).body.details['gpu']).toMatchObject({
      gpus: [{ name: 'NVIDIA L4', memory_used_mb: 5_120 }],
    });
    await install('nvml-unknown-error');
    expect(await until(app, 'gpu', 'down')).toMatchObject({ status: 503 });
    await install('healthy-l4');
    expect(await until(app, 'gpu', 'up')).toMatchObject({ status: 200 });
    await install('answers-then-hangs');
    const { status, body } = await until(app, 'gpu', 'down');
    expect({ status, message: body.details['gpu']?.message }).toEqual({
      status: 503,
      message: 'nvidia-smi did not answer within 3000 ms.',
    });
    await install('healthy-l4');
    expect(await until(app, 'gpu', 'up')).toMatchObject({ status: 200 });
  }, 120_000);
});
