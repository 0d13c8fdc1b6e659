import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { TestPostgres } from '../durability/support/databases.js';
import { ServiceProcess } from '../durability/support/service.js';
import { eventually, postJson } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';
import { Collector } from './support/collector.js';

const DIST = join(import.meta.dirname, '..', '..', 'dist');
const TRACE_ID = 'a3ce929d0e0e47364bf92f3577b34da6';

/** Runs the built service as two processes: `npm test` builds it first. */
describe('a trace across processes', () => {
  const postgres = new TestPostgres();
  let collector: Collector;
  let dataDir: string;
  let photos: PhotoServer;
  let shared: Readonly<Record<string, string>>;
  const running: ServiceProcess[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-tracing-'));
    [collector, photos] = await Promise.all([Collector.start(), startPhotoServer()]);
    shared = {
      DATABASE_URL: await postgres.create(),
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      DATA_DIR: dataDir,
    };
  }, 120_000);
  afterEach(async () => {
    for (const service of running.splice(0)) await service.kill('SIGTERM');
  }, 60_000);
  afterAll(async () => {
    collector.close();
    await photos.close();
    await postgres.end();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  const start = async (settings: Readonly<Record<string, string>>): Promise<ServiceProcess> => {
    const service = await ServiceProcess.create({ ...shared, ...settings });
    running.push(service);
    await service.start();
    return service;
  };

  it('is carried on by the worker, which finds it with the task', async () => {
    const api = await start({ ...collector.settings, ROLE: 'api' });
    const headers = {
      traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`,
      'X-Request-Id': 'from-the-backend',
    };
    const body = { image_url: `${photos.url}/desk` };
    const created = await postJson(`${api.url}/generated/v1/prompt`, body, {
      ...headers,
      Prefer: 'wait=0',
    });
    expect(created.status).toBe(202);
    const worker = await start({ ...collector.settings, ROLE: 'worker' });
    const [task] = await eventually(
      async () => collector.named('task prompt.v1'),
      (spans) => spans.length > 0,
      60_000,
    );
    const [request] = await eventually(
      async () => collector.named('POST /generated/v1/prompt'),
      (spans) => spans.length > 0,
    );

    expect(task).toMatchObject({ traceId: TRACE_ID, parentSpanId: request?.spanId });
    expect(request?.resource['desk_ai.role']).toBe('api');
    expect(task?.resource['desk_ai.role']).toBe('worker');
    expect(task?.resource['service.instance.id']).not.toBe(
      request?.resource['service.instance.id'],
    );

    // The log of the worker names the trace and the request that it works for.
    const steps = worker.lines.filter(({ msg }) => msg === 'step');
    expect(steps.map((line) => line['step'])).toEqual([
      'fetch_image',
      'classify',
      'store_input',
      'write_prompt',
    ]);
    for (const line of steps) {
      expect(line).toMatchObject({
        taskId: created.body['task_id'],
        attempt: 1,
        outcome: 'done',
        requestId: 'from-the-backend',
        traceId: TRACE_ID,
        durationMs: expect.any(Number),
      });
    }
    // Probes and scrapes have no line; this process has answered some.
    expect((await fetch(`${api.url}/metrics`)).status).toBe(200);
    const requests = api.lines.filter(({ msg }) => msg === 'request');
    expect(requests).toEqual([
      expect.objectContaining({
        path: '/generated/v1/prompt',
        requestId: 'from-the-backend',
        traceId: TRACE_ID,
        spanId: request?.spanId,
      }),
    ]);
  }, 150_000);

  it("is nobody's business while tracing is off: no header, no field in the log", async () => {
    const service = await start({ ROLE: 'all' });
    const headers = { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` };
    await postJson(
      `${service.url}/generated/v1/prompt`,
      { image_url: `${photos.url}/desk` },
      headers,
    );
    expect(service.lines.filter(({ msg }) => msg === 'step')).toHaveLength(4);
    expect(service.lines.filter((line) => 'traceId' in line)).toEqual([]);
    expect(service.text.join('\n')).not.toContain(TRACE_ID);
  }, 90_000);

  it('loads the SDK when it is on, and only then', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    expect(sdkFilesWith(endpoint)).toBeGreaterThan(10);
    expect(sdkFilesWith({})).toBe(0);
    expect(sdkFilesWith({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBe(0);
    expect(sdkFilesWith({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' })).toBe(0);
  }, 60_000);
});

/** How many files of the tracing SDK a process loads for its tracing module. */
const sdkFilesWith = (settings: Readonly<Record<string, string>>): number => {
  const code = `
    import 'reflect-metadata';
    import { createRequire } from 'node:module';
    import { NestFactory } from '@nestjs/core';
    import { CommonModule } from '${DIST}/common/common.module.js';
    import { SettingsModule } from '${DIST}/config/config.module.js';
    import { TracingModule } from '${DIST}/tracing/tracing.module.js';
    const app = await NestFactory.createApplicationContext(
      { module: class Part {}, imports: [SettingsModule.forRoot(), CommonModule, TracingModule] },
      { logger: false, abortOnError: false },
    );
    const files = Object.keys(createRequire(import.meta.url).cache);
    console.log(files.filter((file) => /opentelemetry.(?:sdk|otlp|exporter)/.test(file)).length);
    await app.close();
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(DIST, '..'),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...settings },
  });
  if (stdout.trim() === '') throw new Error(stderr);
  return Number(stdout.trim());
};
