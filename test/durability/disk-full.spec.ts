import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { StoreUnavailable } from '../../src/tasks/store/store-unavailable.js';
import { createTaskStorage } from '../../src/tasks/task-storage.js';
import { type NewTask } from '../../src/tasks/task-store.port.js';

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

const mountSmallDisk = (folder: string): boolean => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    process.stdout.write('Disk full: not tried, mounting a small disk needs root.\n');
    return false;
  }
};

describe('the disk of the embedded store is full', () => {
  let folder: string;
  let isMounted = false;
  afterEach(async () => {
    if (isMounted) execFileSync('umount', [folder]);
    await rm(folder, { recursive: true, force: true });
  });

  it('refuses what it cannot store, keeps what it acknowledged, and recovers with the space', async () => {
    folder = await mkdtemp(join(tmpdir(), 'desk-ai-disk-'));
    isMounted = mountSmallDisk(folder);
    if (!isMounted) return;
    const options = {
      dataDir: folder,
      database: { url: undefined, poolSize: 2, role: 'all' as const },
      concurrency: 1,
      onError: () => undefined,
    };
    const storage = createTaskStorage(options);
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

    const reopened = createTaskStorage(options);
    await reopened.database.open();
    expect(await reopened.store.countQueued()).toBe(acknowledged.length);
    for (const id of acknowledged) expect(await reopened.store.find(id)).toBeDefined();
    await reopened.database.close();
  }, 120_000);
});
