import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { TestPostgres } from '../durability/support/databases.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/http.js';
import { aKey, type TestKey } from '../support/keys.js';
import { parseExposition, type Series, sumOf } from './support/exposition.js';
import { HoldingProxy } from './support/holding-proxy.js';

/** A scrape waits a second for what hangs; the rest is room for a slow machine. */
const PATIENCE_MS = 8_000;

describe('the metrics of a worker', () => {
  const postgres = new TestPostgres();
  const key: TestKey = aKey('prometheus', 'metrics');
  let proxy: HoldingProxy;
  let worker: RunningApp;

  beforeAll(async () => {
    const url = new URL(await postgres.create());
    proxy = await HoldingProxy.start(Number(url.port));
    url.port = String(proxy.port);
    worker = await startApp({ DATABASE_URL: url.href, ROLE: 'worker', API_KEYS: key.entry });
  }, 120_000);
  afterEach(() => proxy.letGo());
  afterAll(async () => {
    await worker?.close();
    proxy?.close();
    await postgres.end();
  }, 60_000);

  const scrape = async (): Promise<readonly Series[]> => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(`${worker.url}/metrics`, { headers: key.bearer, signal });
    expect(answer.status).toBe(200);
    return parseExposition(await answer.text());
  };

  it('tells its role, its heartbeat and what waits in the shared store', async () => {
    const heartbeat = 'deskai_worker_heartbeat_timestamp_seconds';
    const series = await eventually(
      scrape,
      (series) =>
        (sumOf(series, heartbeat) ?? 0) > 1e9 && sumOf(series, 'deskai_task_store_up') === 1,
    );
    expect(sumOf(series, 'deskai_build_info', { role: 'worker' })).toBe(1);
    expect(sumOf(series, 'deskai_tasks', { status: 'queued' })).toBe(0);
  });

  it('answers while the database hangs, and says so', async () => {
    proxy.hold();
    const during = await eventually(
      scrape,
      (series) => sumOf(series, 'deskai_task_store_up') === 0,
    );
    expect(sumOf(during, 'deskai_task_store_reading_age_seconds')).toBeGreaterThan(4);
    // The last that was known is still told.
    expect(sumOf(during, 'deskai_tasks', { status: 'queued' })).toBe(0);

    proxy.letGo();
    await eventually(scrape, (series) => sumOf(series, 'deskai_task_store_up') === 1, 60_000);
  }, 120_000);
});
