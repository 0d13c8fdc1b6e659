import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { type Delivery } from '../../src/tasks/delivery-store.port.js';
import { type StepRecord, type Task } from '../../src/tasks/task.js';
import { type Claimant, type NewTask, type TaskStore } from '../../src/tasks/task-store.port.js';
import { type OpenStorage, storageKinds } from '../durability/support/databases.js';

const NOW = new Date('2026-11-22T02:10:00.000Z');
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

const aTask = (changes: Partial<NewTask> = {}): NewTask => ({
  id: uuidv7(),
  kind: 'generate.v1',
  version: 1,
  owner: 'shop',
  input: { initialImageUrl: 'https://bucket.example/12.png' },
  callbackUrl: 'https://backend.example/callback',
  createdAt: NOW,
  fingerprint: 'one request',
  idempotencyKey: null,
  queueLimit: 100,
  joinWithinMs: null,
  ...changes,
});

const me: Claimant = { worker: 'me', leaseMs: 60_000, mayTakeOver: true, takesSuspects: true };
const other: Claimant = { ...me, worker: 'other' };

const aRecord = (changes: Partial<StepRecord> = {}): StepRecord => ({
  step: 'classify',
  attempt: 1,
  outcome: 'done',
  output: { text: '책상 \u0000 \ud800' },
  errorCode: null,
  startedAt: NOW,
  finishedAt: later(120),
  ...changes,
});

const aDelivery = (changes: Partial<Delivery> = {}): Delivery => ({
  id: `msg_${uuidv7()}`,
  taskId: null,
  url: 'https://backend.example/callback',
  body: '{}',
  status: 'pending',
  nextAttemptAt: NOW,
  earlierAttempts: 0,
  attempts: [],
  ...changes,
});

const created = async (store: TaskStore, changes: Partial<NewTask> = {}): Promise<Task> => {
  const outcome = await store.create(aTask(changes));
  if (outcome.kind !== 'created') throw new Error(`Not created: ${outcome.kind}`);
  return outcome.task;
};

const claimed = async (store: TaskStore, id: string, claimant = me): Promise<Task> => {
  const outcome = await store.claim(id, claimant, later(1_000));
  if (outcome.kind !== 'claimed') throw new Error(`Not claimed: ${outcome.kind}`);
  return outcome.task;
};

const succeeded = { status: 'succeeded', error: null, at: later(5_000), change: {} } as const;

describe.each(storageKinds())('task store ($name)', (kind) => {
  let storage: OpenStorage;
  let store: TaskStore;

  beforeEach(async () => {
    storage = await kind.open();
    ({ store } = storage);
  }, 60_000);
  afterEach(() => storage.close());
  afterAll(() => kind.end());

  describe('create', () => {
    it('keeps every field, whatever characters it has', async () => {
      const input = { initialImageUrl: 'https://x/책상.png', note: 'a\u0000b \ud800 "quote"' };
      const task = await created(store, { input });
      expect(await store.find(task.id)).toEqual(task);
      expect(task).toMatchObject({ status: 'queued', input, claim: 0, percent: 0, createdAt: NOW });
    });

    it('tells that the task is queued with the task itself', async () => {
      const { id } = await created(store);
      expect(await store.events(id, 0)).toEqual([{ seq: 1, type: 'queued', at: NOW, data: {} }]);
    });

    it('gives the first task for the same key and request, also to twenty at once', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => store.create(aTask({ idempotencyKey: 'k' }))),
      );
      const kinds = outcomes.map((outcome) => outcome.kind).toSorted();
      expect(kinds).toEqual(['created', ...Array.from({ length: 19 }, () => 'existing')]);
      expect((await store.list({}, 10, null)).tasks).toHaveLength(1);
    });

    it.each([
      { name: 'another request', changes: { fingerprint: 'other' }, expected: 'key_reused' },
      { name: 'another owner', changes: { owner: 'else' }, expected: 'created' },
      { name: 'a day later', changes: { createdAt: later(86_400_001) }, expected: 'created' },
      { name: 'within the day', changes: { createdAt: later(86_399_000) }, expected: 'existing' },
    ])('answers the same key with $expected for $name', async ({ changes, expected }) => {
      await created(store, { idempotencyKey: 'k' });
      const outcome = await store.create(aTask({ idempotencyKey: 'k', ...changes }));
      expect(outcome.kind).toBe(expected);
    });

    it('refuses a task above the limit, and counts only those that wait', async () => {
      const first = await created(store, { queueLimit: 2 });
      await created(store, { queueLimit: 2 });
      const outcome = await store.create(aTask({ queueLimit: 2 }));
      expect(outcome).toEqual({ kind: 'queue_full', waiting: 2 });
      await claimed(store, first.id);
      expect((await store.create(aTask({ queueLimit: 2 }))).kind).toBe('created');
    });

    it('joins the same request in flight when asked to, and only that', async () => {
      const first = await created(store, { joinWithinMs: 60_000 });
      const same = await store.create(aTask({ joinWithinMs: 60_000, createdAt: later(59_000) }));
      expect(same).toMatchObject({ kind: 'existing', task: { id: first.id } });
      const late = await store.create(aTask({ joinWithinMs: 60_000, createdAt: later(61_000) }));
      expect(late.kind).toBe('created');
      await store.cancel(first.id, later(1), () => null);
      const separate = await store.create(aTask({ joinWithinMs: null }));
      expect(separate.kind).toBe('created');
    });
  });

  describe('list', () => {
    it('pages newest first, and tasks that come in between change no page', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.push((await created(store)).id);
      const first = await store.list({}, 2, null);
      await created(store);
      const second = await store.list({}, 2, first.next);
      const third = await store.list({}, 2, second.next);
      const seen = [...first.tasks, ...second.tasks, ...third.tasks].map((task) => task.id);
      expect(seen).toEqual(ids.toReversed());
      expect(third.next).toBeNull();
    });

    it('filters by owner, state, kind and photo', async () => {
      const task = await created(store);
      const photo = { initialImageUrl: 'https://bucket.example/12.png' };
      const count = async (filter: Parameters<TaskStore['list']>[0]): Promise<number> =>
        (await store.list(filter, 10, null)).tasks.length;
      expect(await count({ owner: 'shop', status: 'queued', kind: task.kind, ...photo })).toBe(1);
      expect(await count({ owner: 'else' })).toBe(0);
      expect(await count({ status: 'running' })).toBe(0);
      expect(await count({ kind: 'prompt.v1' })).toBe(0);
      expect(await count({ initialImageUrl: 'a\0b' })).toBe(0);
    });
  });

  describe('claim', () => {
    it('gives a waiting task to one of two workers', async () => {
      const { id } = await created(store);
      const outcomes = await Promise.all(
        [me, other].map((claimant) => store.claim(id, claimant, later(1))),
      );
      expect(outcomes.map((one) => one.kind).toSorted()).toEqual(['claimed', 'not_now']);
    });

    it('leaves a task alone that is not due yet or has ended', async () => {
      const { id } = await created(store);
      const { claim } = await claimed(store, id);
      await store.release(id, claim, later(60_000), null);
      expect((await store.claim(id, other, later(59_000))).kind).toBe('not_now');
      const again = await store.claim(id, other, later(60_000));
      expect(again).toMatchObject({ kind: 'claimed', task: { claim: claim + 1 } });
      await store.cancel(id, later(61_000), () => null);
      expect((await store.claim(id, other, later(62_000))).kind).toBe('not_now');
    });

    it('takes a task over only from a worker whose lease has run out', async () => {
      const { id } = await created(store);
      await claimed(store, id, { ...me, leaseMs: 0 });
      const cautious = { ...other, mayTakeOver: false };
      expect((await store.claim(id, cautious, later(2_000))).kind).toBe('not_now');
      const waited = async (): Promise<string> => (await store.claim(id, other, later(2_000))).kind;
      let kindOfClaim = await waited();
      while (kindOfClaim === 'not_now') kindOfClaim = await waited();
      expect(kindOfClaim).toBe('claimed');
    });

    it('refuses every write of a worker that lost its claim', async () => {
      const { id } = await created(store);
      const old = await claimed(store, id, { ...me, leaseMs: null });
      const current = await claimed(store, id, { ...other, leaseMs: null });
      expect(await store.save(id, old.claim, { record: aRecord() })).toBe(false);
      expect(await store.release(id, old.claim, NOW, null)).toBe(false);
      expect(await store.end(id, old.claim, succeeded, () => null)).toBeUndefined();
      expect(await store.steps(id)).toEqual([]);
      expect(await store.findLost([old, current].map((one) => ({ id, claim: one.claim })))).toEqual(
        [id],
      );
      expect(await store.save(id, current.claim, { record: aRecord() })).toBe(true);
    });

    it('isolates a task that stopped processes and sets it aside after three', async () => {
      const { id } = await created(store);
      for (const [worker, suspicion] of [
        ['a', undefined],
        ['b', { kind: 'suspect', hasLastChance: false }],
        ['c', { kind: 'suspect', hasLastChance: true }],
      ] as const) {
        const claimant = { ...me, worker, leaseMs: null };
        const careful = { ...claimant, takesSuspects: false };
        if (suspicion) expect(await store.claim(id, careful, later(2_000))).toEqual(suspicion);
        await claimed(store, id, claimant);
      }
      const fourth = { ...me, worker: 'd', leaseMs: null };
      expect((await store.claim(id, fourth, later(2_000))).kind).toBe('poisoned');
    });

    it('forgets earlier deaths when a step was recorded', async () => {
      const { id } = await created(store);
      for (const worker of ['a', 'b']) {
        const { claim } = await claimed(store, id, { ...me, worker, leaseMs: null });
        const record = aRecord({ step: worker, outcome: 'failed', output: null });
        await store.save(id, claim, { record });
      }
      expect((await store.claim(id, { ...me, leaseMs: null }, later(2_000))).kind).toBe('claimed');
    });
  });

  describe('save', () => {
    it('writes step, result and event together, in order of their numbers', async () => {
      const { id } = await created(store);
      const { claim } = await claimed(store, id);
      await store.save(id, claim, {
        step: 'classify',
        percent: 15,
        result: { prompt: 'p' },
        warnings: ['w'],
        record: aRecord(),
        events: [{ type: 'step', at: NOW, data: { step: 'classify' } }],
      });
      expect(await store.find(id)).toMatchObject({
        step: 'classify',
        percent: 15,
        result: { prompt: 'p' },
        warnings: ['w'],
      });
      expect(await store.steps(id)).toEqual([aRecord()]);
      const events = await store.events(id, 1);
      expect(events.map(({ seq, type }) => [seq, type])).toEqual([
        [2, 'started'],
        [3, 'step'],
      ]);
      expect(await store.lastSeqs([id])).toEqual(new Map([[id, 3]]));
    });

    it('counts the same record once, as after a connection cut in the middle of its commit', async () => {
      const { id } = await created(store);
      const { claim } = await claimed(store, id);
      const change = {
        record: aRecord(),
        events: [{ type: 'step' as const, at: NOW, data: {} }],
      };
      expect(await store.save(id, claim, change)).toBe(true);
      expect(await store.save(id, claim, change)).toBe(true);
      expect(await store.steps(id)).toHaveLength(1);
      expect(await store.events(id, 0)).toHaveLength(3);
    });

    it('knows how long a step usually takes', async () => {
      for (const [index, ms] of [100, 300, 5_000].entries()) {
        const { id } = await created(store);
        const { claim } = await claimed(store, id);
        const startedAt = later(index);
        const finishedAt = later(index + ms);
        await store.save(id, claim, { record: aRecord({ startedAt, finishedAt }) });
      }
      expect(await store.typicalStepMs('generate.v1')).toEqual(new Map([['classify', 300]]));
    });

    it('shows a paid call whose process died before its outcome was written', async () => {
      const { id } = await created(store);
      const first = await claimed(store, id, { ...me, leaseMs: null });
      const call = { provider: 'openai', operation: 'images.edit', model: 'm' };
      const intent = { ...call, step: 'draw', attempt: 1, startedAt: NOW };
      await store.save(id, first.claim, { intent });
      const outcome = await store.claim(id, { ...other, leaseMs: null }, later(2_000));
      expect(outcome).toMatchObject({ lostCalls: [{ ...call, usd: null, durationMs: 0 }] });

      const again = outcome.kind === 'claimed' ? outcome.task.claim : 0;
      await store.save(id, again, { intent });
      const calls = [{ ...call, usd: 0.25, durationMs: 10 }];
      const record = aRecord({ step: 'draw', output: { calls } });
      await store.save(id, again, { record, isPaid: true });
      expect(await store.spentUsd(NOW)).toBeCloseTo(0.25);
      expect(await store.spentUsd(later(1))).toBe(0);
    });
  });

  describe('end', () => {
    it('ends once, with its event and the callback in the same transaction', async () => {
      const { id } = await created(store);
      const { claim } = await claimed(store, id);
      const delivery = aDelivery({ taskId: id });
      const ended = await store.end(id, claim, succeeded, () => delivery);
      expect(ended).toMatchObject({ status: 'succeeded', percent: 100, finishedAt: succeeded.at });
      expect(await store.cancel(id, later(6_000), () => aDelivery())).toBeUndefined();
      expect((await store.events(id, 0)).filter((event) => event.type === 'ended')).toHaveLength(1);
      expect(await storage.deliveries.deliveries(id)).toMatchObject([{ id: delivery.id }]);
    });

    it('writes nothing at all when the callback cannot be made', async () => {
      const { id } = await created(store);
      const { claim } = await claimed(store, id);
      const broken = (): never => {
        throw new TypeError('broken');
      };
      await expect(store.end(id, claim, succeeded, broken)).rejects.toThrow('broken');
      expect(await store.find(id)).toMatchObject({ status: 'running' });
    });

    it('counts the same ending once, as after a connection cut in the middle of its commit', async () => {
      const { id } = await created(store);
      const { claim } = await claimed(store, id);
      await store.end(id, claim, succeeded, () => aDelivery({ taskId: id }));
      const again = await store.end(id, claim, succeeded, () => aDelivery({ taskId: id }));
      expect(again).toMatchObject({ status: 'succeeded' });
      expect(await storage.deliveries.deliveries(id)).toHaveLength(1);
    });

    it('cancels whoever holds the task, and the holder can write no more', async () => {
      const { id } = await created(store);
      const { claim } = await claimed(store, id);
      expect(await store.cancel(id, later(2_000), () => null)).toMatchObject({
        status: 'canceled',
      });
      expect(await store.save(id, claim, { record: aRecord() })).toBe(false);
      expect(await store.findLost([{ id, claim }])).toEqual([id]);
    });
  });

  describe('queue', () => {
    it('numbers those that wait, oldest first', async () => {
      const first = await created(store);
      const second = await created(store);
      expect(await store.countQueued()).toBe(2);
      expect(await store.queuePosition(second.id)).toBe(2);
      await claimed(store, first.id);
      expect(await store.queuePosition(second.id)).toBe(1);
      expect(await store.queuePosition(first.id)).toBeNull();
    });

    it('lists what nobody holds, with its time, and takes back what a dead worker held', async () => {
      const waiting = await created(store);
      const held = await created(store);
      const retried = await created(store);
      await claimed(store, held.id, { ...me, leaseMs: 0 });
      const { claim } = await claimed(store, retried.id);
      const event = { type: 'retry' as const, at: NOW, data: {} };
      await store.release(retried.id, claim, later(9_000), event);
      expect(await store.ready(10)).toEqual([
        { id: waiting.id, dueAt: NOW },
        { id: retried.id, dueAt: later(9_000) },
      ]);
      let taken = await store.takeBack(later(3_000));
      while (taken.length === 0) taken = await store.takeBack(later(3_000));
      expect(taken).toEqual([held.id]);
    });

    it('brings the next attempt of a waiting task forward, and of no other', async () => {
      const { id } = await created(store);
      const { claim } = await claimed(store, id);
      expect(await store.hasten(id, NOW)).toBe(false);
      await store.release(id, claim, later(60_000), null);
      expect(await store.hasten(id, later(2_000))).toBe(true);
      expect((await store.claim(id, other, later(2_000))).kind).toBe('claimed');
      await store.cancel(id, later(3_000), () => null);
      expect(await store.hasten(id, NOW)).toBe(false);
    });

    it('leaves a worker its tasks for as long as it renews them', async () => {
      const { id } = await created(store);
      await claimed(store, id, { ...me, leaseMs: 0 });
      await store.renew('other', [id], 60_000);
      await store.renew('me', [id], 60_000);
      expect(await store.takeBack(later(3_000))).toEqual([]);
      expect((await store.claim(id, other, later(3_000))).kind).toBe('not_now');
    });
  });

  describe('removal', () => {
    it('removes a task with everything that belongs to it', async () => {
      const { id } = await created(store, { idempotencyKey: 'k' });
      const { claim } = await claimed(store, id);
      await store.save(id, claim, { record: aRecord() });
      await store.end(id, claim, succeeded, () => aDelivery({ taskId: id }));
      await store.delete(id);
      expect(await store.find(id)).toBeUndefined();
      expect(await store.steps(id)).toEqual([]);
      expect(await store.events(id, 0)).toEqual([]);
      expect(await storage.deliveries.deliveries(id)).toEqual([]);
      expect((await store.create(aTask({ idempotencyKey: 'k' }))).kind).toBe('created');
    });

    it('finds expired tasks, but none that still has to be told', async () => {
      const told = await created(store);
      const untold = await created(store);
      await store.cancel(told.id, later(1_000), () => null);
      await store.cancel(untold.id, later(1_000), () => aDelivery({ taskId: untold.id }));
      const expired = await store.findExpired(later(1_001), 10);
      expect(expired.map((task) => task.id)).toEqual([told.id]);
      expect(await store.findExpired(later(1_000), 10)).toEqual([]);
    });

    it('remembers whose working files may be left', async () => {
      const { id } = await created(store);
      await store.cancel(id, later(1_000), () => null);
      expect(await store.findUntidy(later(1_001), 10)).toMatchObject([{ id }]);
      await store.markTidy(id);
      expect(await store.findUntidy(later(1_001), 10)).toEqual([]);
      await store.deleteLeftovers(NOW, NOW);
    });
  });

  describe('deliveries', () => {
    const query = {
      worker: 'me',
      at: later(1_000),
      leaseMs: 30_000,
      limit: 10,
      exceptHosts: [],
    };

    it('gives a delivery to one process at a time', async () => {
      const { deliveries } = storage;
      await deliveries.addDelivery(aDelivery());
      const taken = await Promise.all([
        deliveries.claimDue(query),
        deliveries.claimDue({ ...query, worker: 'other' }),
      ]);
      expect(taken.flat()).toHaveLength(1);
      const afterLease = { ...query, worker: 'other', at: later(31_001) };
      expect(await deliveries.claimDue(afterLease)).toHaveLength(1);
    });

    it('gives one of each host, the longest due first, and none of the hosts left out', async () => {
      const { deliveries } = storage;
      const [a1, a2, b] = [
        aDelivery({ url: 'https://a.example/x', nextAttemptAt: later(1) }),
        aDelivery({ url: 'https://a.example/y', nextAttemptAt: later(2) }),
        aDelivery({ url: 'https://b.example/x', nextAttemptAt: later(3) }),
      ];
      const late = aDelivery({ url: 'https://c.example/x', nextAttemptAt: later(5_000) });
      for (const delivery of [b, a2, a1, late]) await deliveries.addDelivery(delivery);
      expect((await deliveries.nextDueAt())?.getTime()).toBe(later(1).getTime());
      const ids = async (exceptHosts: string[]): Promise<string[]> =>
        (await deliveries.claimDue({ ...query, exceptHosts })).map((one) => one.id).toSorted();
      expect(await ids(['b.example'])).toEqual([a1.id]);
      expect(await ids([])).toEqual([a2.id, b.id].toSorted());
    });

    it('keeps every attempt, and repeats one with the same id', async () => {
      const { deliveries } = storage;
      const { id } = await created(store);
      const delivery = aDelivery({ taskId: id });
      await deliveries.addDelivery(delivery);
      await deliveries.claimDue(query);
      const attempt = { at: later(1_000), status: 500, latencyMs: 12, reason: 'http_500' };
      const pending = { status: 'pending', nextAttemptAt: later(9_000) } as const;
      await deliveries.addAttempt(delivery.id, 'me', attempt, pending);
      expect(await deliveries.claimDue({ ...query, at: later(8_999) })).toEqual([]);
      await deliveries.claimDue({ ...query, at: later(9_000) });
      const failed = { status: 'failed', nextAttemptAt: null } as const;
      await deliveries.addAttempt(delivery.id, 'me', attempt, failed);
      expect(await deliveries.deliveries(id)).toMatchObject([
        { status: 'failed', nextAttemptAt: null, attempts: [attempt, attempt] },
      ]);
      const again = await deliveries.repeatDelivery(delivery.id, later(10_000));
      expect(again).toMatchObject({ id: delivery.id, status: 'pending', earlierAttempts: 2 });
    });

    it('hears of an attempt after its lease only when it got through', async () => {
      const { deliveries } = storage;
      const { id } = await created(store);
      const delivery = aDelivery({ taskId: id });
      await deliveries.addDelivery(delivery);
      await deliveries.claimDue(query);
      await deliveries.claimDue({ ...query, worker: 'other', at: later(40_000) });
      const attempt = { at: later(1_000), status: 500, latencyMs: 12, reason: 'http_500' };
      const failed = { status: 'failed', nextAttemptAt: null } as const;
      await deliveries.addAttempt(delivery.id, 'me', attempt, failed);
      expect(await deliveries.deliveries(id)).toMatchObject([{ status: 'pending' }]);
      const through = { status: 'delivered', nextAttemptAt: null } as const;
      await deliveries.addAttempt(delivery.id, 'me', { ...attempt, status: 200 }, through);
      expect(await deliveries.deliveries(id)).toMatchObject([{ status: 'delivered' }]);
    });
  });
});
