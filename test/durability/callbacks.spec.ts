import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import {
  type CallbackMessage,
  type CallbackResult,
} from '../../src/providers/callback-sender/callback-sender.port.js';
import { type Delivery } from '../../src/tasks/delivery-store.port.js';
import { type TaskEngine } from '../../src/tasks/task-engine.js';
import { eventually } from '../support/http.js';
import { createEngine, delivered, FakeSender, stopEngine } from './support/engine.js';

const MINUTE_MS = 60_000;

const refusal = (status: number | null, retryAfterMs?: number): CallbackResult => ({
  status,
  latencyMs: 1,
  outcome: status !== null && status < 500 && status !== 429 ? 'gave_up' : 'retry',
  reason: status === null ? 'connection_failed' : `http_${status}`,
  retryAfterMs,
});

/** Time that only the test moves. */
class FakeClock {
  constructor(private nowMs = Date.parse('2026-11-22T02:10:00.000Z')) {}

  now(): number {
    return this.nowMs;
  }

  forward(ms: number): void {
    this.nowMs += ms;
  }
}

describe('callbacks when the receiver is in trouble', () => {
  let dataDir: string;
  let engine: TaskEngine;
  let clock: FakeClock;
  let sender: FakeSender;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-callbacks-'));
    clock = new FakeClock();
    sender = new FakeSender();
    engine = await createEngine({ dataDir, clock, sender });
    await engine.open();
    await engine.start();
  });
  afterEach(async () => {
    await stopEngine(engine);
    await rm(dataDir, { recursive: true, force: true });
  });

  const tell = async (url = 'https://backend.example/callback'): Promise<Delivery> => {
    const delivery: Delivery = {
      id: `msg_${uuidv7()}`,
      taskId: uuidv7(),
      url,
      body: '{}',
      status: 'pending',
      nextAttemptAt: new Date(clock.now()),
      earlierAttempts: 0,
      attempts: [],
    };
    await engine.tell(delivery);
    return delivery;
  };

  const read = async ({ taskId }: Delivery): Promise<Delivery> => {
    const [delivery] = await engine.deliveries.deliveries(taskId ?? '');
    if (!delivery) throw new Error('The delivery is gone');
    return delivery;
  };

  const attempts = (delivery: Delivery, count: number): Promise<Delivery> =>
    eventually(
      () => read(delivery),
      (one) => one.attempts.length >= count,
    );

  /** Moves time minute by minute until it is settled; gives the minutes at which something was sent. */
  const passTime = async (delivery: Delivery, minutes: number): Promise<number[]> => {
    const sentAt: number[] = [];
    for (let minute = 0; minute < minutes; minute++) {
      const before = sender.sent.length;
      const { status, nextAttemptAt } = await read(delivery);
      if (status !== 'pending') break;
      clock.forward(MINUTE_MS);
      if ((nextAttemptAt?.getTime() ?? 0) > clock.now()) continue;
      engine.callbacks.wake();
      await attempts(delivery, before + 1);
      sentAt.push(minute);
    }
    return sentAt;
  };

  it('gets through to a receiver that was down for an hour, without a storm', async () => {
    sender.answer = async () => refusal(null);
    const delivery = await tell();
    await attempts(delivery, 1);
    await passTime(delivery, 60);
    const triesInAnHour = sender.sent.length;
    expect(triesInAnHour).toBeGreaterThanOrEqual(4);
    expect(triesInAnHour).toBeLessThanOrEqual(9);
    sender.answer = async () => delivered;
    await passTime(delivery, 300);
    const { status, attempts: made } = await read(delivery);
    expect(status).toBe('delivered');
    expect(made.at(-1)).toMatchObject({ status: 200, reason: 'ok' });
    expect(new Set(sender.sent.map((message) => message.id))).toEqual(new Set([delivery.id]));
  });

  it('pauses longer after each attempt, over about a day in all, and then gives up', async () => {
    sender.answer = async () => refusal(503);
    const delivery = await tell();
    await attempts(delivery, 1);
    await passTime(delivery, 3_000);
    const { status, attempts: made } = await read(delivery);
    expect(status).toBe('failed');
    expect(made).toHaveLength(12);
    const hours = ((made.at(-1)?.at.getTime() ?? 0) - (made[0]?.at.getTime() ?? 0)) / 3_600_000;
    expect(hours).toBeGreaterThan(8);
    expect(hours).toBeLessThan(36);
  });

  it('waits as long as Retry-After asks', async () => {
    sender.answer = async () => refusal(429, 30 * MINUTE_MS);
    const delivery = await tell();
    const { nextAttemptAt } = await attempts(delivery, 1);
    expect((nextAttemptAt?.getTime() ?? 0) - clock.now()).toBeGreaterThanOrEqual(30 * MINUTE_MS);
  });

  it('gives up at once after a refusal, and tells again under the same id when asked to', async () => {
    sender.answer = async () => refusal(404);
    const delivery = await tell();
    expect(await attempts(delivery, 1)).toMatchObject({ status: 'failed' });
    sender.answer = async () => delivered;
    await engine.deliveries.repeatDelivery(delivery.id, new Date(clock.now()));
    engine.callbacks.wake();
    expect(await attempts(delivery, 2)).toMatchObject({ status: 'delivered' });
    expect(sender.sent.map((message) => message.id)).toEqual([delivery.id, delivery.id]);
  });

  it('does not let a dead host starve the others', async () => {
    const isDead = (message: CallbackMessage): boolean => message.url.includes('dead');
    const { promise: timeout, resolve } = Promise.withResolvers<void>();
    sender.answer = async (message) => {
      if (!isDead(message)) return delivered;
      await timeout;
      return refusal(null);
    };
    for (let i = 0; i < 60; i++) await tell(`https://dead.example/${i}`);
    const healthy = await tell('https://alive.example/callback');
    expect(await attempts(healthy, 1)).toMatchObject({ status: 'delivered' });
    expect(sender.sent.filter(isDead)).toHaveLength(4);
    resolve();
    // Its circuit opens: of sixty messages only a few are tried before the pause is over.
    const again = await tell('https://alive.example/callback');
    expect(await attempts(again, 1)).toMatchObject({ status: 'delivered' });
    expect(sender.sent.filter(isDead).length).toBeLessThanOrEqual(9);
    const before = sender.sent.filter(isDead).length;
    clock.forward(30_001);
    engine.callbacks.wake();
    await eventually(
      async () => sender.sent.filter(isDead).length,
      (count) => count > before,
    );
  });

  it('keeps what is pending over a restart', async () => {
    sender.answer = async () => refusal(500);
    const delivery = await tell();
    await attempts(delivery, 1);
    await stopEngine(engine);
    clock.forward(MINUTE_MS);
    sender.answer = async () => delivered;
    engine = await createEngine({ dataDir, clock, sender });
    await engine.open();
    await engine.start();
    expect(await attempts(delivery, 2)).toMatchObject({ status: 'delivered' });
  });

  it('do not hold up the end of the process when the store hangs', async () => {
    const { promise: hung, resolve } = Promise.withResolvers<never[]>();
    const lookUp = jest.spyOn(engine.deliveries, 'claimDue').mockReturnValue(hung);
    engine.callbacks.wake();
    await eventually(
      async () => lookUp.mock.calls.length,
      (count) => count > 0,
    );
    await expect(engine.drain(100)).resolves.toBeUndefined();
    resolve([]);
  });
});
