import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { type Finding } from '../../src/health/health-check.js';
import { diskCheck } from '../../src/health/indicators/disk.indicator.js';
import { imageStoreCheck } from '../../src/health/indicators/image-store.indicator.js';
import { memoryCheck } from '../../src/health/indicators/memory.indicator.js';
import { providersCheck } from '../../src/health/indicators/providers.indicator.js';
import { taskStoreCheck } from '../../src/health/indicators/task-store.indicator.js';
import { workerCheck } from '../../src/health/indicators/worker.indicator.js';
import { type ProviderReport } from '../../src/providers/status/provider-status.js';
import { StoreUnavailable } from '../../src/tasks/store/store-unavailable.js';

const timeoutMs = 20_000;
const never = new AbortController().signal;
const outage = (): Promise<never> =>
  Promise.reject(new StoreUnavailable(new Error('connect ECONNREFUSED 10.0.0.7:5432')));

describe(workerCheck.name, () => {
  const stopped = (): Promise<never> => Promise.reject(new Error('the loop stands still'));

  it.each([
    ['beats', false, () => Promise.resolve(), true],
    ['beats', true, () => Promise.resolve(), true],
    ['has stopped', false, stopped, false],
    ['has stopped', true, stopped, false],
    ['cannot reach its store', false, outage, true],
    ['cannot reach its store', true, outage, true],
  ])('%s (shared store: %s)', async (_what, isSharedStore, check, isOk) => {
    const finding = await workerCheck({ check }, { isSharedStore, timeoutMs }).run(never);
    expect(finding.isOk).toBe(isOk);
  });

  it('is not blamed for a shared store that hangs', async () => {
    const limit = new AbortController();
    const check = workerCheck(
      { check: () => new Promise<void>(() => undefined) },
      { isSharedStore: true, timeoutMs },
    );
    const finding = check.run(limit.signal);
    limit.abort();
    expect(await finding).toMatchObject({ isOk: true });
  });

  it('has time to recover after an outage of its store', async () => {
    const answers: (() => Promise<void>)[] = [outage, stopped];
    const tasks = { check: () => (answers.shift() ?? stopped)() };
    const check = workerCheck(tasks, { isSharedStore: true, timeoutMs });
    await check.run(never);
    expect(await check.run(never)).toMatchObject({ isOk: true });
  });
});

describe(taskStoreCheck.name, () => {
  type Store = Parameters<typeof taskStoreCheck>[0]['store'];
  const withCount = (countQueued: () => Promise<number>) => ({
    store: { countQueued } as unknown as Store,
  });

  it.each([
    [true, 'shared', 'failure', 'postgresql'],
    [false, 'instance', 'busy', 'embedded'],
  ])('shared %s: the trouble of %s', async (isShared, scope, whenLate, kind) => {
    const check = taskStoreCheck(
      withCount(() => Promise.resolve(3)),
      { isShared, timeoutMs },
    );
    expect(check).toMatchObject({ scope, whenLate });
    expect(await check.run(never)).toEqual({ isOk: true, data: { kind, queued: 3 } });
  });

  it('does not tell the public where the database is', async () => {
    const check = taskStoreCheck(withCount(outage), { isShared: true, timeoutMs });
    const { cause, ...open } = (await check.run(never)) as Finding & { cause: unknown };
    expect(cause).toBeInstanceOf(StoreUnavailable);
    expect(open).toEqual({
      isOk: false,
      reason: 'The task store does not answer.',
      data: { kind: 'postgresql' },
    });
  });
});

describe(imageStoreCheck.name, () => {
  it.each([
    [true, 'shared'],
    [false, 'instance'],
  ])('shared %s: the trouble of %s', async (isShared, scope) => {
    const store = { name: 'any', check: () => Promise.reject(new Error('bucket team-secrets')) };
    const check = imageStoreCheck(store, { isShared, timeoutMs });
    expect(check.scope).toBe(scope);
    expect(await check.run(never)).toMatchObject({
      isOk: false,
      reason: 'The image store cannot be written to.',
    });
  });
});

describe(diskCheck.name, () => {
  it.each([
    ['room enough', 1, true],
    ['too little room', 2 ** 60, false],
  ])('%s', async (_what, minBytes, isOk) => {
    const folder = await mkdtemp(join(tmpdir(), 'desk-ai-disk-'));
    try {
      const finding = await diskCheck({ folder, minBytes, timeoutMs }).run(never);
      expect(finding.isOk).toBe(isOk);
      expect(finding.data).toMatchObject({ free_mb: expect.any(Number) });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe(memoryCheck.name, () => {
  const MB = 1_048_576;
  it.each([
    [99 * MB, true],
    [100 * MB, true],
    [101 * MB, false],
  ])('%d bytes of 100 MB: %s', async (rss, isOk) => {
    const finding = await memoryCheck(100 * MB, timeoutMs, () => rss).run(never);
    expect(finding).toMatchObject({ isOk, data: { limit_mb: 100 } });
  });

  it('measures this process by itself', async () => {
    expect(await memoryCheck(1, timeoutMs).run(never)).toMatchObject({ isOk: false });
  });
});

describe(providersCheck.name, () => {
  const report: ProviderReport = {
    status: 'degraded',
    reasons: ['The inference server does not answer.', 'openai is left alone for a while.'],
    models: { state: 'ok', findings: [] },
    inference: { state: 'degraded', reason: 'x', waiting: 0, name: null, version: null },
    breakers: [
      { provider: 'openai', state: 'open', reason: 'x' },
      { provider: 'naver', state: 'closed', reason: null },
    ],
    spend: { todayUsd: 12, budgetUsd: 50 },
  };

  it('says what is wrong outside, and nothing about money', async () => {
    const check = providersCheck({ read: () => Promise.resolve(report) });
    expect(check.scope).toBe('shared');
    expect(await check.run(never)).toEqual({
      isOk: false,
      reason: 'The inference server does not answer. openai is left alone for a while.',
      data: { models: 'ok', inference_server: 'degraded', left_alone: ['openai'] },
    });
  });
});
