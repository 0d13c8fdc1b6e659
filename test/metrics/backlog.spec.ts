import { afterAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { toDelivery } from '../../src/tasks/task-callbacks.js';
import { storageKinds } from '../durability/support/databases.js';

const CLAIMANT = { worker: 'w', leaseMs: null, mayTakeOver: true, takesSuspects: false };
const MINUTE_MS = 60_000;

describe.each(storageKinds())('the backlog in the $name store', (kind) => {
  afterAll(() => kind.end(), 60_000);

  it('counts what waits, what runs and what has to be told, with the age of the oldest', async () => {
    const storage = await kind.open();
    const { store, deliveries } = storage;
    const now = Date.now();
    const create = async (ageMs: number): Promise<string> => {
      const id = uuidv7();
      await store.create({
        id,
        kind: 'test.v1',
        version: 1,
        owner: 'shop',
        input: {},
        callbackUrl: 'https://backend.example.com/done',
        createdAt: new Date(now - ageMs),
        fingerprint: id,
        idempotencyKey: null,
        queueLimit: 10,
        joinWithinMs: null,
      });
      return id;
    };
    try {
      const none = { count: 0, oldestAt: null };
      expect(await store.backlog()).toEqual({ queued: none, running: none, callbacks: none });

      const running = await create(9 * MINUTE_MS);
      await create(5 * MINUTE_MS);
      await create(2 * MINUTE_MS);
      const ended = await create(20 * MINUTE_MS);
      await store.claim(running, CLAIMANT, new Date(now));
      await store.cancel(ended, new Date(now - MINUTE_MS), ({ id, callbackUrl }) =>
        toDelivery(id, String(callbackUrl), {}, null),
      );
      expect(await store.backlog()).toEqual({
        queued: { count: 2, oldestAt: new Date(now - 5 * MINUTE_MS) },
        running: { count: 1, oldestAt: new Date(now - 9 * MINUTE_MS) },
        callbacks: { count: 1, oldestAt: new Date(now - MINUTE_MS) },
      });

      const [told] = await deliveries.deliveries(ended);
      await deliveries.addAttempt(
        told?.id ?? '',
        'w',
        { at: new Date(now), status: 200, latencyMs: 1, reason: 'ok' },
        { status: 'delivered', nextAttemptAt: null },
      );
      expect((await store.backlog()).callbacks).toEqual(none);
    } finally {
      await storage.close();
    }
  }, 120_000);
});
