import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { freePort } from '../../scripts/free-port.mjs';
import { SHIPPED } from '../support/classifier.js';
import { eventually, getJson, postJson } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

interface Service {
  readonly child: ChildProcess;
  readonly url: string;
  readonly lines: string[];
}

const startService = async (settings: Record<string, string>): Promise<Service> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], PORT: String(port), PUBLIC_BASE_URL: url, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  return { child, url, lines };
};

const exitOf = async (child: ChildProcess): Promise<number | null> => {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
};

describe('the process', () => {
  let dataDir: string;
  let photos: PhotoServer;
  let service: Service | undefined;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-test-'));
    photos = await startPhotoServer();
  });
  afterEach(async () => {
    if (service?.child.exitCode === null) service.child.kill('SIGKILL');
    await photos.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('drains on SIGTERM during a generation and exits with 0', async () => {
    service = await startService({
      DATA_DIR: dataDir,
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      CLASSIFIER_THREADS: '1',
      // On a busy machine the drawing may take longer than the default lets it.
      SHUTDOWN_TIMEOUT_MS: '60000',
    });
    const { url, child, lines } = service;
    await eventually(
      () =>
        fetch(`${url}/health`).then(
          ({ status }) => status,
          () => 0,
        ),
      (status) => status === 200,
    );
    const { body } = await postJson(`${url}/generated/v1/generate`, {
      image_url: `${photos.url}/desk`,
      concept: 'OIL',
    });
    await eventually(
      () => getJson(`${url}/tasks/${String(body['task_id'])}`),
      (task) => (task.body['progress'] as { step: string }).step === 'generate_image',
    );
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    const ended = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ taskId, event }) => taskId === body['task_id'] && event === 'ended');
    expect(ended).toMatchObject([{ status: 'succeeded' }]);
  });

  it('lists every faulty setting at once and exits with 1, without printing values', async () => {
    service = await startService({
      DATA_DIR: dataDir,
      PORT: 'eighty',
      TASK_CONCURRENCY: '0',
      CLASSIFY_FOLLOW_UP: 'sometimes',
      CALLBACK_SECRET: 'my-secret',
    });
    expect(await exitOf(service.child)).toBe(1);
    const text = service.lines.join('\n');
    for (const name of ['PORT', 'TASK_CONCURRENCY', 'CLASSIFY_FOLLOW_UP', 'CALLBACK_SECRET']) {
      expect(text).toContain(name);
    }
    expect(text).not.toContain('my-secret');
    expect(text).not.toContain('    at ');
  });

  it('refuses to start when the model file and its checksum differ', async () => {
    const { copyFile, writeFile } = await import('node:fs/promises');
    for (const file of ['model.json', 'labels.txt']) {
      await copyFile(join(SHIPPED, file), join(dataDir, file));
    }
    await writeFile(join(dataDir, 'model.onnx'), 'not the model');
    service = await startService({ DATA_DIR: dataDir, CLASSIFIER_MODEL_DIR: dataDir });
    expect(await exitOf(service.child)).toBe(1);
    expect(service.lines.join('\n')).toMatch(/model\.onnx is not the file that .* describes/);
  });
});
