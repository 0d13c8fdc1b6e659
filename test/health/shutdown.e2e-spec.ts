import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { freePort } from '../../scripts/free-port.mjs';
import { eventually, getJson, postJson } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

/** The process as operators run it: needs `npm run build`, as `npm test` does. */
describe('SIGTERM', () => {
  let dataDir: string;
  let photos: PhotoServer;
  let child: ChildProcess;
  let url: string;

  const start = async (settings: Record<string, string>): Promise<void> => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'],
        PORT: String(port),
        PUBLIC_BASE_URL: url,
        DATA_DIR: dataDir,
        CLASSIFIER_THREADS: '1',
        LOG_LEVEL: 'error',
        IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
        ...settings,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await eventually(statusOfHealth, (status) => status === 200, 60_000);
  };

  /** 0 while nobody listens. */
  const statusOfHealth = (): Promise<number> =>
    fetch(`${url}/health`, { headers: { connection: 'close' } }).then(
      ({ status }) => status,
      () => 0,
    );

  const exitCode = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-health-'));
    photos = await startPhotoServer();
  });
  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await photos.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('turns readiness to 503 first, serves on for the notice, then ends with 0', async () => {
    await start({ SHUTDOWN_NOTICE_MS: '6000' });
    child.kill('SIGTERM');
    await eventually(statusOfHealth, (status) => status === 503);
    expect((await getJson(`${url}/health`)).body).toMatchObject({ status: 'shutting_down' });
    expect(await getJson(`${url}/healthcheck`)).toMatchObject({
      status: 503,
      body: { status: 'unhealthy', failed: [] },
    });
    expect((await getJson(`${url}/health/live`)).status).toBe(200);
    expect((await getJson(`${url}/info`)).status).toBe(200);
    // Never 200 again on the way down.
    const seen = new Set<number>();
    await eventually(
      async () => {
        const status = await statusOfHealth();
        seen.add(status);
        return status;
      },
      (status) => status === 0,
      60_000,
    );
    expect(seen).toEqual(new Set([503, 0]));
    expect(await exitCode()).toBe(0);
  }, 120_000);

  it('is not ready while a generation is still drained', async () => {
    await start({ SHUTDOWN_NOTICE_MS: '0', SHUTDOWN_TIMEOUT_MS: '60000' });
    const { body } = await postJson(`${url}/generated/v1/generate`, {
      image_url: `${photos.url}/desk`,
      concept: 'OIL',
    });
    await eventually(
      () => getJson(`${url}/tasks/${String(body['task_id'])}`),
      (task) => (task.body['progress'] as { step: string }).step === 'generate_image',
    );
    child.kill('SIGTERM');
    expect(await eventually(statusOfHealth, (status) => status !== 200)).toBe(503);
    expect(await exitCode()).toBe(0);
  }, 120_000);
});
