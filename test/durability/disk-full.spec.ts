import { execFileSync } from 'node:child_process';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { hasCode } from '../../src/common/errors/system-error.js';
import { StoreUnavailable } from '../../src/tasks/store/store-unavailable.js';
import { createTaskStorage } from '../../src/tasks/task-storage.js';
import { type NewTask } from '../../src/tasks/task-store.port.js';
import { eventually, getJson } from '../support/http.js';
import { Cluster, type TaskBody } from './support/cluster.js';

const aTask = (): NewTask => ({
  id: uuidv7(),
  kind: 'generate.v1',
  version: 1,
  owner: 'shop',
  input: { initialImageUrl: `https://bucket.example/${'x'.repeat(2_000)}` },
  callbackUrl: null,
  createdAt: new Date(),
  fingerprint: 'f',
  idempotencyKey: null,
  queueLimit: 1_000_000,
  joinWithinMs: null,
});

const mountSmallDisk = (folder: string, size: string): boolean => {
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder];
    execFileSync('mount', options, { stdio: 'ignore' });
    return true;
  } catch {
    process.stdout.write('Disk full: not tried, mounting a small disk needs root.\n');
    return false;
  }
};

/** Takes every byte that is left. */
const fillUp = async (path: string): Promise<void> => {
  const file = await open(path, 'w');
  try {
    for (const size of [1_048_576, 4_096]) {
      await writeUntilFull(file, Buffer.alloc(size));
    }
  } finally {
    await file.close();
  }
};

const writeUntilFull = async (file: FileHandle, block: Buffer): Promise<void> => {
  try {
    for (;;) await file.appendFile(block);
  } catch (error) {
    if (!hasCode(error, 'ENOSPC')) throw error;
  }
};

describe('the disk of the embedded store is full', () => {
  let folder: string;
  let isMounted = false;
  let cluster: Cluster | undefined;
  afterEach(async () => {
    await cluster?.stop();
    cluster = undefined;
    if (isMounted) execFileSync('umount', [folder]);
    await rm(folder, { recursive: true, force: true });
  });

  it('refuses what it cannot store, keeps what it acknowledged, and recovers with the space', async () => {
    folder = await mkdtemp(join(tmpdir(), 'desk-ai-disk-'));
    isMounted = mountSmallDisk(folder, '2m');
    if (!isMounted) return;
    const options = {
      dataDir: folder,
      database: { url: undefined, poolSize: 2, role: 'all' as const },
      concurrency: 1,
      onError: () => undefined,
    };
    const storage = await createTaskStorage(options);
    await storage.database.open();
    const acknowledged: string[] = [];

    const create = async (): Promise<void> => {
      const outcome = await storage.store.create(aTask());
      if (outcome.kind === 'created') acknowledged.push(outcome.task.id);
    };
    const fillUp = async (): Promise<void> => {
      for (;;) await create();
    };
    await expect(fillUp()).rejects.toBeInstanceOf(StoreUnavailable);
    expect(acknowledged.length).toBeGreaterThan(0);
    await expect(create()).rejects.toMatchObject({ code: 'provider_unavailable' });
    await expect(create()).rejects.toMatchObject({ retryAfterMs: expect.any(Number) });

    execFileSync('mount', ['-o', 'remount,size=16m', folder]);
    const before = acknowledged.length;
    await create();
    expect(acknowledged).toHaveLength(before + 1);
    await storage.database.close();

    const reopened = await createTaskStorage(options);
    await reopened.database.open();
    expect(await reopened.store.countQueued()).toBe(acknowledged.length);
    for (const id of acknowledged) expect(await reopened.store.find(id)).toBeDefined();
    await reopened.database.close();
  }, 120_000);

  it('answers 503 over HTTP meanwhile, and then finishes all that it acknowledged', async () => {
    folder = await mkdtemp(join(tmpdir(), 'desk-ai-disk-'));
    isMounted = mountSmallDisk(folder, '24m');
    if (!isMounted) return;
    cluster = await Cluster.create();
    const running = cluster;
    running.standIns.drawMs = 1_500;
    const service = await running.start({
      DATA_DIR: folder,
      HEALTH_DISK_MIN_MB: '1',
      HEALTH_INTERVAL_MS: '500',
    });
    const health = (): ReturnType<typeof getJson> => getJson(`${service.url}/health`);
    await eventually(health, ({ status }) => status === 200, 60_000);
    const acknowledged = [await running.submit(service, 1)];
    // One is being drawn when there is no more room for its picture.
    await running.drawn(1);
    await fillUp(join(folder, 'filler'));

    const refused = await eventually(
      async () => {
        const answer = await running.trySubmit(service, acknowledged.length + 1);
        if (answer.status === 202) acknowledged.push(answer.body.task_id);
        return answer;
      },
      ({ status }) => status !== 202,
    );
    expect(refused).toMatchObject({ status: 503, body: { code: 'provider_unavailable' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const sick = await eventually(health, ({ status }) => status === 503);
    expect(sick.body).toMatchObject({ error: { disk: { status: 'down' } } });
    const { body } = await getJson<{ tasks: readonly TaskBody[] }>(`${service.url}/tasks`);
    const known = body.tasks.map((task) => task.task_id);
    expect(known.toSorted()).toEqual(acknowledged.toSorted());

    await rm(join(folder, 'filler'));
    await eventually(health, ({ status }) => status === 200, 60_000);
    acknowledged.push(await running.submit(service, acknowledged.length + 1));
    for (const id of acknowledged) {
      expect(await running.ended(service, id)).toMatchObject({ status: 'succeeded' });
      await eventually(
        async () => new Set(running.toldAbout(id)).size,
        (size) => size === 1,
      );
    }
  }, 180_000);
});
