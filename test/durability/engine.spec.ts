import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { ProviderError } from '../../src/common/errors/errors.js';
import { type TaskContext } from '../../src/tasks/task-context.js';
import { type TaskEngine } from '../../src/tasks/task-engine.js';
import { type TaskHandler } from '../../src/tasks/task-handler.js';
import { eventually } from '../support/http.js';
import {
  aHandler,
  createEngine,
  endedTask,
  type EngineOptions,
  stopEngine,
} from './support/engine.js';

const DAY_MS = 86_400_000;
const anything = (): null => null;

describe('the task engine', () => {
  let dataDir: string;
  let engine: TaskEngine;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-engine-'));
  });
  afterEach(async () => {
    await stopEngine(engine);
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = async (
    handler: Partial<TaskHandler>,
    options: Partial<EngineOptions> = {},
  ): Promise<void> => {
    engine = await createEngine({ dataDir, handlers: [aHandler(handler)], ...options });
    await engine.open();
    await engine.start();
  };

  const create = async (): Promise<string> => {
    const outcome = await engine.store.create({
      id: uuidv7(),
      kind: 'test.v1',
      version: 1,
      owner: 'shop',
      input: {},
      callbackUrl: null,
      createdAt: new Date(),
      fingerprint: 'f',
      idempotencyKey: null,
      queueLimit: 1_000,
      joinWithinMs: null,
    });
    if (outcome.kind !== 'created') throw new Error(outcome.kind);
    engine.wake(outcome.task);
    return outcome.task.id;
  };

  it('keeps a paid result when the step beside it fails, and does not pay again', async () => {
    const made = { draw: 0, search: 0 };
    const run = async (context: TaskContext): Promise<void> => {
      const draw = async (): Promise<null> => {
        made.draw += 1;
        return null;
      };
      const search = async (): Promise<null> => {
        made.search += 1;
        if (made.search > 1) return null;
        throw new ProviderError('provider_unavailable', 'down', { provider: 'p', operation: 'o' });
      };
      await context.all([
        context.step('draw', draw, anything, { provider: 'p', operation: 'o', model: 'm' }),
        context.step('search', search, anything),
      ]);
    };
    await start({ run });
    expect(await endedTask(engine, await create())).toMatchObject({ status: 'succeeded' });
    expect(made).toEqual({ draw: 1, search: 2 });
  });

  it('shows a paid call in the costs whose process stopped before its outcome was known', async () => {
    const { promise: called, resolve } = Promise.withResolvers<void>();
    const paid = { provider: 'vendor', operation: 'draw', model: 'm' };
    const never = async (signal: AbortSignal): Promise<null> => {
      resolve();
      await new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
      return null;
    };
    await start({
      run: async (context) => void (await context.step('draw', never, anything, paid)),
    });
    const id = await create();
    await called;
    await engine.drain(0);
    await engine.close();
    await start({
      run: async (context) => void (await context.step('draw', async () => null, anything, paid)),
    });
    const task = await endedTask(engine, id);
    expect(task.calls).toEqual([{ ...paid, usd: null, durationMs: 0 }]);
    expect(engine.mapper.toResource(task)).toMatchObject({ cost: { usd: null } });
  });

  it('does not count warnings and costs twice when a task is carried on', async () => {
    let tries = 0;
    const call = { provider: 'p', operation: 'o', model: 'm', usd: 0.5, durationMs: 1 };
    const run = async (context: TaskContext): Promise<void> => {
      await context.step('first', async () => null, anything);
      await context.add({ calls: [call], warnings: ['w'] });
      const second = async (): Promise<null> => {
        tries += 1;
        if (tries < 3) throw new Error('a bug that goes away');
        return null;
      };
      await context.step('second', second, anything);
    };
    await start({ run });
    const task = await endedTask(engine, await create());
    expect(task).toMatchObject({ status: 'succeeded', calls: [call], warnings: ['w'] });
    expect(tries).toBe(3);
  });

  it('ends a task with the error of its last attempt', async () => {
    const failing = async (): Promise<null> => {
      throw new ProviderError('provider_timeout', 'slow', { provider: 'p', operation: 'o' });
    };
    const run = async (context: TaskContext): Promise<void> =>
      void (await context.step('draw', failing, anything));
    await start({ run });
    const id = await create();
    expect(await endedTask(engine, id)).toMatchObject({
      status: 'failed',
      error: { code: 'provider_timeout' },
    });
    expect((await engine.store.steps(id)).map((step) => step.attempt)).toEqual([1, 2, 3, 4]);
  });

  it('removes old tasks with their files when it starts, and not the others', async () => {
    const deleted: string[] = [];
    const deleteFiles: TaskHandler['deleteFiles'] = async (task) => void deleted.push(task.id);
    await start({ deleteFiles });
    const old = await create();
    await endedTask(engine, old);
    await stopEngine(engine);
    const clock = { now: () => Date.now() + 31 * DAY_MS };
    await start({ deleteFiles }, { clock });
    await eventually(
      () => engine.store.find(old),
      (task) => task === undefined,
    );
    expect(deleted).toEqual([old]);
  });

  it('is ready while its worker looks for tasks', async () => {
    await start({});
    await expect(engine.check()).resolves.toBeUndefined();
  });
});
