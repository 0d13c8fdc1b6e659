import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';

import { type TaskStorage } from '../../src/tasks/task-storage.js';
import { eventually } from '../support/http.js';
import { type OpenStorage, storageKinds } from './support/databases.js';

const TIMEOUT_MS = 120_000;
const kind = storageKinds().find(({ name }) => name === 'postgresql');

describe('what processes on PostgreSQL tell each other', () => {
  let api: OpenStorage;
  let worker: TaskStorage;
  let recalled: string[];

  beforeEach(async () => {
    if (!kind) throw new Error('There is no PostgreSQL');
    api = await kind.open();
    worker = await api.again();
    recalled = [];
    worker.queue.start(
      async () => undefined,
      (taskId) => void recalled.push(taskId),
    );
  }, TIMEOUT_MS);
  afterEach(async () => {
    await worker.queue.drain(1_000);
    await api.close();
  });
  afterAll(() => kind?.end());

  const create = async (): Promise<string> => {
    const id = uuidv7();
    await api.store.create({
      id,
      kind: 'test.v1',
      version: 1,
      owner: 'shop',
      input: {},
      callbackUrl: null,
      createdAt: new Date(),
      fingerprint: id,
      idempotencyKey: null,
      queueLimit: 100,
      joinWithinMs: null,
    });
    return id;
  };

  /** A session of the test's own, on the database of this test. */
  const connect = async (): Promise<Client> => {
    const { url } = api;
    if (url === undefined) throw new Error('There is no PostgreSQL');
    const client = new Client({ connectionString: url });
    await client.connect();
    return client;
  };

  /** Cancels tasks until the worker has heard of one: it may not listen (again) yet. */
  const hearsOfCancels = (): Promise<unknown> =>
    eventually(
      async () => {
        const before = recalled.length;
        const id = await create();
        await api.store.cancel(id, new Date(), () => null);
        await new Promise((resolve) => setTimeout(resolve, 200));
        return recalled.slice(before).includes(id);
      },
      (heard) => heard,
      60_000,
    );

  it(
    'reaches a worker that runs what was canceled elsewhere, also after its connection was cut',
    async () => {
      await hearsOfCancels();
      const admin = await connect();
      const { rowCount } = await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query ilike '%listen%' and pid <> pg_backend_pid()`,
      );
      await admin.end();
      expect(rowCount).toBeGreaterThan(0);
      await hearsOfCancels();
    },
    TIMEOUT_MS,
  );

  it(
    'tells of a task that is ready, and not of one that waits for its time',
    async () => {
      const listener = await connect();
      const heard: (string | undefined)[] = [];
      listener.on('notification', ({ payload }) => heard.push(payload));
      await listener.query('listen desk_ai_tasks');
      const id = await create();
      await eventually(
        async () => heard.length,
        (count) => count > 0,
      );
      await api.store.enlist(id, new Date(Date.now() + 3_600_000));
      // Notifications come in order: this one would come after one for the task that waits.
      await listener.query(`select pg_notify('desk_ai_tasks', 'last')`);
      await eventually(
        async () => heard.at(-1),
        (last) => last === 'last',
      );
      expect(heard).toEqual(['new', 'last']);
      await listener.end();
    },
    TIMEOUT_MS,
  );
});
