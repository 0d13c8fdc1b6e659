import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { createTaskStorage, type TaskStorage } from '../../src/tasks/task-storage.js';
import { type TaskOrigin } from '../../src/tasks/task.js';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const ORIGIN: TaskOrigin = { requestId: 'r-1', trace: { traceparent: TRACEPARENT } };

describe('the request that created a task', () => {
  let dataDir: string;
  let storage: TaskStorage;

  const open = async (): Promise<void> => {
    storage = await createTaskStorage({
      dataDir,
      database: { url: undefined, poolSize: 2, role: 'all' },
      concurrency: 1,
      onError: () => undefined,
    });
    await storage.database.open();
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-origin-'));
    await open();
  });
  afterEach(async () => {
    await storage.database.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const create = async (origin?: TaskOrigin): Promise<string> => {
    const id = uuidv7();
    await storage.store.create({
      id,
      kind: 'test.v1',
      version: 1,
      owner: 'shop',
      ...(origin ? { origin } : {}),
      input: {},
      callbackUrl: 'https://backend.example.com/done',
      createdAt: new Date(),
      fingerprint: id,
      idempotencyKey: null,
      queueLimit: 10,
      joinWithinMs: null,
    });
    return id;
  };

  it('is kept with the task, and with its callback, across a restart', async () => {
    const id = await create(ORIGIN);
    await storage.store.cancel(id, new Date(), (ended) => ({
      id: 'msg_1',
      taskId: ended.id,
      url: String(ended.callbackUrl),
      origin: ended.origin,
      body: '{}',
      status: 'pending',
      nextAttemptAt: null,
      earlierAttempts: 0,
      attempts: [],
    }));
    await storage.database.close();
    await open();

    expect((await storage.store.find(id))?.origin).toEqual(ORIGIN);
    expect((await storage.deliveries.deliveries(id))[0]?.origin).toEqual(ORIGIN);
  });

  it('is unknown for tasks of the version before, which are carried on', async () => {
    const id = await create();
    await storage.database.close();
    // The tables as the version before made them.
    const file = new DatabaseSync(join(dataDir, 'tasks.db'));
    file.exec(`alter table tasks drop column origin; alter table deliveries drop column origin;
      delete from schema_version where version = 2;`);
    file.close();
    await open();

    const claimant = { worker: 'new', leaseMs: null, mayTakeOver: true, takesSuspects: false };
    const outcome = await storage.store.claim(id, claimant, new Date());
    expect(outcome).toMatchObject({ kind: 'claimed', task: { id, origin: null } });
    expect((await storage.store.backlog()).running.count).toBe(1);
  });
});
