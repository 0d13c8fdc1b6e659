import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { CODE_VERSION } from '../../src/tasks/store/migrations.js';
import { type TaskContext } from '../../src/tasks/task-context.js';
import { type TaskEngine } from '../../src/tasks/task-engine.js';
import { type TaskHandler } from '../../src/tasks/task-handler.js';
import { type JsonValue } from '../../src/tasks/task.js';
import { eventually } from '../support/http.js';
import { storageKinds } from './support/databases.js';
import { aHandler, createEngine, endedTask, stopEngine } from './support/engine.js';

const text = (stored: JsonValue): string => {
  if (typeof stored !== 'string') throw new TypeError('Expected a text');
  return stored;
};

describe('a new version of the service', () => {
  let dataDir: string;
  let engine: TaskEngine | undefined;
  let calls: string[];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-versions-'));
    calls = [];
  });
  afterEach(async () => {
    if (engine) await stopEngine(engine);
    engine = undefined;
    await rm(dataDir, { recursive: true, force: true });
  });

  const step = (context: TaskContext, name: string): Promise<string> =>
    context.step(
      name,
      async () => {
        calls.push(name);
        return name;
      },
      text,
    );

  const open = async (...handlers: TaskHandler[]): Promise<TaskEngine> => {
    engine = await createEngine({ dataDir, handlers });
    await engine.open();
    return engine;
  };

  /** A task left half-way by the version before: `look` is done, with the given output. */
  const halfDone = async (
    running: TaskEngine,
    output: JsonValue,
    version = 1,
    kind = 'test.v1',
  ): Promise<string> => {
    const id = uuidv7();
    const at = new Date();
    await running.store.create({
      id,
      kind,
      version,
      owner: 'shop',
      input: {},
      callbackUrl: null,
      createdAt: at,
      fingerprint: id,
      idempotencyKey: null,
      queueLimit: 10,
      joinWithinMs: null,
    });
    const claimant = { worker: 'old', leaseMs: null, mayTakeOver: true, takesSuspects: false };
    const outcome = await running.store.claim(id, claimant, at);
    if (outcome.kind !== 'claimed') throw new Error(outcome.kind);
    await running.store.save(id, outcome.task.claim, {
      record: {
        step: 'look',
        attempt: 1,
        outcome: 'done',
        output,
        errorCode: null,
        startedAt: at,
        finishedAt: at,
      },
    });
    return id;
  };

  it('does not run a finished step again when the steps are in another order', async () => {
    const run = async (context: TaskContext): Promise<void> => {
      await step(context, 'draw');
      await step(context, 'look');
    };
    const running = await open(aHandler({ run }));
    const id = await halfDone(running, 'seen');
    await running.start();
    expect(await endedTask(running, id)).toMatchObject({ status: 'succeeded' });
    expect(calls).toEqual(['draw']);
  });

  it('knows a finished step by its former name', async () => {
    const steps = [{ name: 'inspect', percent: 50, formerNames: ['look'] }];
    const run = async (context: TaskContext): Promise<void> => {
      await context.add({ result: { seen: await step(context, 'inspect') } });
    };
    const running = await open(aHandler({ steps, run }));
    const id = await halfDone(running, 'seen');
    await running.start();
    expect(await endedTask(running, id)).toMatchObject({
      status: 'succeeded',
      result: { seen: 'seen' },
    });
    expect(calls).toEqual([]);
  });

  it.each([
    { name: 'the stored output has another shape', kind: 'test.v1', output: { was: 'an object' } },
    { name: 'the kind is gone', kind: 'gone.v1', output: 'seen' },
  ])('ends a task with a clear error when $name', async ({ kind, output }) => {
    const run = async (context: TaskContext): Promise<void> => void (await step(context, 'look'));
    const running = await open(aHandler({ run }));
    const id = await halfDone(running, output, 1, kind);
    await running.start();
    expect(await endedTask(running, id)).toMatchObject({
      status: 'failed',
      error: { code: 'internal_error', message: expect.stringContaining('another version') },
    });
    expect(running.mapper.toResource(await endedTask(running, id))).toMatchObject({
      status: 'failed',
    });
    expect(calls).toEqual([]);
  });

  it('leaves a task of a newer version to a process that knows it', async () => {
    const running = await open(aHandler({ version: 1 }));
    const id = await halfDone(running, 'seen', 2);
    await running.start();
    const events = await eventually(
      () => running.store.events(id, 0),
      (all) => all.some((event) => event.type === 'retry'),
    );
    expect(events.at(-1)).toMatchObject({ type: 'retry' });
    expect(await running.store.find(id)).toMatchObject({ finishedAt: null });
  });

  it('goes on where an earlier process stopped, also when an attempt was to come later', async () => {
    const running = await open(aHandler({}));
    const id = await halfDone(running, 'seen');
    await running.store.release(id, 1, new Date(Date.now() + 300), null);
    await stopEngine(running);
    const startedAt = Date.now();
    const next = await open(aHandler({}));
    await next.start();
    expect(await endedTask(next, id)).toMatchObject({ status: 'succeeded' });
    expect(Date.now()).toBeGreaterThan(startedAt);
  });

  it('refuses a database of a newer release in one sentence', async () => {
    await stopEngine(await open());
    const file = new DatabaseSync(join(dataDir, 'tasks.db'));
    file.exec(`insert into schema_version values (${CODE_VERSION + 1}, 0)`);
    file.close();
    engine = await createEngine({ dataDir });
    await expect(engine.open()).rejects.toThrow(/written by a newer release/);
  });

  it('refuses a folder that another process works in, in one sentence', async () => {
    await open();
    const second = await createEngine({ dataDir });
    await expect(second.open()).rejects.toThrow(/is in use by another process/);
    await second.close();
  });
});

describe('several processes that start at once on a fresh PostgreSQL', () => {
  it('migrate it once and all work', async () => {
    const kind = storageKinds().find(({ name }) => name === 'postgresql');
    if (!kind) throw new Error('PostgreSQL is not among the stores');
    const first = await kind.open();
    try {
      const others = await Promise.all([first.again(), first.again(), first.again()]);
      for (const { store } of others) expect(await store.countQueued()).toBe(0);
    } finally {
      await first.close();
      await kind.end();
    }
  }, 120_000);
});
