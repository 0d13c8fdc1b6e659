import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { type DeliveryStore } from '../../src/tasks/delivery-store.port.js';
import { TaskEngine } from '../../src/tasks/task-engine.js';
import { type TaskStore } from '../../src/tasks/task-store.port.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually, getJson } from '../support/http.js';

const TIMEOUT_MS = 120_000;

interface Health {
  readonly status: string;
  readonly error?: Readonly<Record<string, unknown>>;
}

describe('a worker whose loop is stuck', () => {
  let service: RunningApp;
  let store: TaskStore;
  let deliveries: DeliveryStore;

  beforeAll(async () => {
    service = await startApp({ HEALTH_INTERVAL_MS: '500' });
    ({ store, deliveries } = service.app.get(TaskEngine));
  }, TIMEOUT_MS);
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => service.close());

  const health = (): ReturnType<typeof getJson<Health>> => getJson<Health>(`${service.url}/health`);
  const turns = (status: number): Promise<unknown> =>
    eventually(health, (answer) => answer.status === status, 60_000);

  it.each([
    ['tasks', () => jest.spyOn(store, 'findLost')],
    ['callbacks', () => jest.spyOn(deliveries, 'claimDue')],
  ])(
    'takes the instance out until the loop for %s turns again, also when each turn fails',
    async (_, spyOnTurn) => {
      await turns(200);
      const { promise: hung, reject } = Promise.withResolvers<never>();
      const look = spyOnTurn().mockReturnValue(hung);
      await turns(503);
      const { body } = await health();
      expect(body).toMatchObject({ status: 'error' });
      expect(Object.keys(body.error ?? {})).toEqual(['worker']);

      // A loop that fails at once each time does nothing useful, either.
      const bug = new TypeError('a bug');
      look.mockRejectedValue(bug);
      reject(bug);
      const statuses = new Set<number>();
      for (let probe = 0; probe < 30; probe++) {
        statuses.add((await health()).status);
        await sleep(100);
      }
      expect(statuses).toEqual(new Set([503]));

      look.mockRestore();
      await turns(200);
    },
    TIMEOUT_MS,
  );

  it(
    'beats on while upkeep hangs',
    async () => {
      await turns(200);
      jest.spyOn(store, 'ready').mockReturnValue(new Promise(() => undefined));
      const beats = jest.spyOn(store, 'findLost');
      await eventually(
        async () => beats.mock.calls.length,
        (count) => count > 20,
        60_000,
      );
      expect((await health()).status).toBe(200);
    },
    TIMEOUT_MS,
  );
});
