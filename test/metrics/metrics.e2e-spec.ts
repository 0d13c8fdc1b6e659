import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startApp } from '../support/app.js';
import { getJson } from '../support/http.js';
import { aKey } from '../support/keys.js';
import { type Series, sumOf } from './support/exposition.js';
import { type MeasuredService, startMeasuredService } from './support/measured-service.js';
import { namesIn, queriesOf } from './support/queries.js';

const ROOT = join(import.meta.dirname, '..', '..');

describe('GET /metrics', () => {
  let service: MeasuredService;
  let series: readonly Series[];

  beforeAll(async () => {
    service = await startMeasuredService();
    // The first scrape is counted by the second.
    await service.text();
    series = await service.series();
  }, 120_000);
  afterAll(() => service?.close());

  const sum = (name: string, labels: Readonly<Record<string, string>> = {}): number | undefined =>
    sumOf(series, name, labels);

  it('counts requests by the template of their route, method and status', () => {
    const counted = (route: string, method: string, code: string): number | undefined =>
      sum('deskai_http_requests_total', { route, method, code });

    expect(counted('/classify', 'POST', '200')).toBe(3);
    // Refused by the body parser, before a route was looked for.
    expect(counted('/classify', 'POST', '400')).toBe(1);
    expect(counted('/classify', 'POST', '422')).toBe(1);
    expect(counted('/tasks/:id', 'GET', '200')).toBe(2);
    expect(counted('/tasks', 'GET', '401')).toBe(1);
    expect(counted('unmatched', 'GET', '404')).toBe(1);
    expect(counted('unmatched', 'other', '405')).toBe(1);
    expect(counted('/metrics', 'GET', '200')).toBe(1);
    expect(sum('deskai_http_request_duration_seconds_count', { route: '/classify' })).toBe(5);
    expect(sum('deskai_http_request_size_bytes_sum', { route: '/classify' })).toBeGreaterThan(200);
    expect(sum('deskai_http_response_size_bytes_sum', { route: '/classify' })).toBeGreaterThan(900);
    expect(sum('deskai_api_key_requests_total', { key: 'backend', class: '4xx' })).toBe(4);
    expect(sum('deskai_api_key_requests_total', { key: 'anonymous', class: '4xx' })).toBe(2);
    // This scrape itself.
    expect(sum('deskai_http_requests_in_progress')).toBe(1);
  });

  it('tells verdicts, where their time goes, cache hits and downloads', () => {
    expect(sum('deskai_classifications_total', { use: 'request', verdict: 'desk' })).toBe(2);
    // The two desks, the one that could not be fetched, and the sea, for whatever reason.
    expect(sum('deskai_classifications_total', { use: 'request' })).toBe(4);
    expect(sum('deskai_classifications_total', { use: 'request', verdict: 'error' })).toBe(1);
    expect(sum('deskai_classifications_total', { use: 'task' })).toBe(4);
    expect(sum('deskai_classifications_total', { use: 'result' })).toBe(3);
    for (const phase of ['fetch', 'decode', 'infer', 'second_look']) {
      expect(sum('deskai_classify_phase_duration_seconds_sum', { phase })).toBeGreaterThan(0);
      expect(sum('deskai_classify_phase_in_progress', { phase })).toBe(0);
    }
    expect(sum('deskai_cache_lookups_total', { cache: 'verdicts', result: 'hit' })).toBeGreaterThan(
      0,
    );
    expect(
      sum('deskai_cache_lookups_total', { cache: 'verdicts', result: 'miss' }),
    ).toBeGreaterThan(1);
    expect(sum('deskai_photo_downloads_total', { outcome: 'ok' })).toBe(7);
    expect(sum('deskai_photo_downloads_total', { outcome: 'image_unreachable' })).toBe(1);
    expect(sum('deskai_photo_download_size_bytes_count')).toBe(7);
  });

  it('tells what became of tasks and their steps', () => {
    expect(sum('deskai_tasks_created_total', { kind: 'generate.v1', outcome: 'created' })).toBe(3);
    expect(sum('deskai_tasks_ended_total', { kind: 'generate.v1', status: 'succeeded' })).toBe(2);
    expect(sum('deskai_tasks_ended_total', { status: 'rejected', code: 'not_a_desk' })).toBe(1);
    expect(sum('deskai_task_duration_seconds_count', { kind: 'generate.v2' })).toBe(1);
    expect(sum('deskai_task_wait_seconds_count')).toBe(4);
    expect(sum('deskai_task_steps_total', { step: 'fetch_image', outcome: 'done' })).toBe(4);
    expect(sum('deskai_task_steps_total', { step: 'generate_image', outcome: 'done' })).toBe(3);
    expect(
      sum('deskai_task_step_duration_seconds_sum', { step: 'generate_image' }),
    ).toBeGreaterThan(0);
    expect(sum('deskai_tasks', { status: 'queued' })).toBe(0);
    expect(sum('deskai_task_oldest_age_seconds', { status: 'queued' })).toBe(0);
    expect(sum('deskai_task_store_up')).toBe(1);
    const beat = sum('deskai_worker_heartbeat_timestamp_seconds') ?? 0;
    expect(Date.now() / 1_000 - beat).toBeLessThan(30);
  });

  it('tells calls, errors, tokens and cost of providers', () => {
    const calls = (provider: string, operation: string, outcome: string): number | undefined =>
      sum('deskai_provider_calls_total', { provider, operation, outcome });

    expect(calls('openai', 'chat.completions', 'ok')).toBe(3);
    expect(calls('openai', 'images.edit', 'ok')).toBe(1);
    expect(calls('openai', 'images.edit', 'provider_unavailable')).toBe(1);
    expect(calls('embedded', 'images.edit', 'ok')).toBe(1);
    expect(sum('deskai_provider_calls_total', { provider: 'custom', outcome: 'ok' })).toBe(1);
    expect(sum('deskai_provider_calls_total', { provider: 'catalogue', outcome: 'ok' })).toBe(9);
    expect(sum('deskai_provider_calls_in_progress')).toBe(0);
    // Prices of models/dalle3/prices.json times the tokens that the upstream bills.
    const cost = (model: string) =>
      sum('deskai_provider_cost_usd_total', { provider: 'openai', model });
    expect(cost('gpt-6-luna')).toBeGreaterThan(0);
    expect(cost('gpt-image-2.5-flare')).toBeGreaterThan(0);
    expect(
      sum('deskai_provider_tokens_total', { model: 'gpt-image-2.5-flare', type: 'output' }),
    ).toBeGreaterThan(0);
    const spent = sum('deskai_daily_spend_usd') ?? 0;
    // A call that failed without a refusal may have been billed: its estimate is booked.
    expect(spent).toBeGreaterThanOrEqual(sum('deskai_provider_cost_usd_total') ?? Infinity);
    expect(sum('deskai_daily_budget_usd')).toBe(100);
    expect(sum('deskai_provider_breaker_state', { provider: 'openai', state: 'closed' })).toBe(1);
    expect(sum('deskai_inference_server_up')).toBe(1);
  });

  it('warns of models that retire or are gone', () => {
    const until = sum('deskai_model_shutdown_timestamp_seconds', { model: 'gpt-6-luna' }) ?? 0;
    const days = (until - Date.now() / 1_000) / 86_400;
    expect(days).toBeGreaterThan(28);
    expect(days).toBeLessThan(31);
    expect(
      sum('deskai_model_missing', { model: 'gpt-image-2.5-flare', setting: 'OPENAI_IMAGE_MODEL' }),
    ).toBe(1);
  });

  it('counts every attempt of a callback', () => {
    const attempts = (outcome: string, reason: string): number | undefined =>
      sum('deskai_callback_attempts_total', { outcome, reason });
    expect(attempts('retry', 'http_5xx')).toBe(1);
    expect(attempts('delivered', 'ok')).toBe(1);
    expect(sum('deskai_callback_attempt_duration_seconds_count')).toBe(2);
    expect(sum('deskai_callbacks_pending')).toBe(0);
  });

  it('tells what runs here and how Node feels', () => {
    expect(sum('deskai_build_info', { version: '0.1.0', role: 'all' })).toBe(1);
    expect(sum('deskai_health_check_status', { check: 'providers', status: 'degraded' })).toBe(1);
    expect(sum('process_resident_memory_bytes')).toBeGreaterThan(50_000_000);
    expect(sum('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('has no label whose values clients could multiply', () => {
    const LABELS = new Set(
      (
        'route method code key class use verdict phase at cache result outcome kind status step ' +
        'provider operation model type state setting reason check version node_version role ' +
        'le kind space quantile type'
      ).split(' '),
    );
    const ours = series.filter(({ name }) => /^(?:deskai|nodejs|process)_/.test(name));
    const labels = new Set(ours.flatMap(({ labels: pairs }) => Object.keys(pairs)));
    // Node's version label of nodejs_version_info.
    for (const known of [...LABELS, 'major', 'minor', 'patch']) labels.delete(known);
    expect([...labels]).toEqual([]);

    const values = ours.flatMap(({ labels: pairs }) => Object.values(pairs));
    const ID = /[0-9a-f]{8}-[0-9a-f]{4}|msg_|:\/\/|127\.0\.0\.1|LEAK|wp-admin|\?/;
    expect(values.filter((value) => ID.test(value))).toEqual([]);
    expect(series.length).toBeLessThan(2_000);
  });

  it('exports every metric that the dashboard and the alerts ask for', async () => {
    const exported = new Set(series.map(({ name }) => name));
    // Prometheus makes the first; the others have no series until a price is missing, or garbage is collected.
    const absent = new Set([
      'up',
      'deskai_provider_unpriced_calls_total',
      'nodejs_gc_duration_seconds_sum',
    ]);
    for (const folder of ['deploy/grafana/dashboards', 'deploy/prometheus/rules']) {
      const files = await readdir(join(ROOT, folder));
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        const names = queriesOf(await readFile(join(ROOT, folder, file), 'utf8')).flatMap(namesIn);
        expect(names.length).toBeGreaterThan(20);
        expect({
          file,
          missing: names.filter((name) => !exported.has(name) && !absent.has(name)),
        }).toEqual({
          file,
          missing: [],
        });
      }
    }
    const text = await service.text();
    expect(text).toContain('# TYPE deskai_provider_unpriced_calls_total counter');
    expect(text).toContain('# TYPE nodejs_gc_duration_seconds histogram');
  });

  it('shows each of our metrics on the dashboard', async () => {
    const dashboard = await readFile(join(ROOT, 'deploy/grafana/dashboards/desk-ai.json'), 'utf8');
    const shown = new Set(queriesOf(dashboard).flatMap(namesIn).map(familyOf));
    const ours = new Set(
      series.map(({ name }) => familyOf(name)).filter((name) => name.startsWith('deskai_')),
    );
    expect([...ours].filter((name) => !shown.has(name))).toEqual([]);
  });

  it('is read by keys with the scope metrics, and by no other but admin', async () => {
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${service.url}/metrics`, { headers })).status;

    expect(await status({})).toBe(401);
    expect(await status({ ...service.keys.client })).toBe(403);
    expect(await status({ ...service.keys.prometheus })).toBe(200);
    expect(await status({ ...service.keys.ops })).toBe(200);
    // It opens nothing else.
    const tasks = await getJson(`${service.url}/tasks`, { ...service.keys.prometheus });
    expect(tasks.status).toBe(403);
  });

  it('answers as Prometheus expects it', async () => {
    const answer = await fetch(`${service.url}/metrics`, { headers: service.keys.prometheus });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('ratelimit')).toBeNull();
  });
});

describe('the limits of /metrics', () => {
  it('never refuses a scrape, and still limits those who guess keys', async () => {
    const key = aKey('prometheus', 'metrics');
    const app = await startApp({
      API_KEYS: key.entry,
      RATE_LIMITS: 'on',
      RATE_LIMIT_ADDRESS: '10',
    });
    const scrape = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await fetch(`${app.url}/metrics`, { headers })).status;
    const guesses = [];
    for (let guess = 0; guess < 20; guess += 1)
      guesses.push(await scrape(aKey('a', 'metrics').bearer));
    // The address has nothing left, and Prometheus behind it is answered all the same.
    const scrapes = await Promise.all(Array.from({ length: 20 }, () => scrape(key.bearer)));
    await app.close();
    expect(guesses.filter((status) => status === 401)).toHaveLength(10);
    expect(guesses.at(-1)).toBe(429);
    expect(new Set(scrapes)).toEqual(new Set([200]));
  });

  it('can be switched off', async () => {
    const app = await startApp({ METRICS: 'off' });
    const { status, body } = await getJson(`${app.url}/metrics`);
    const classify = await fetch(`${app.url}/health/live`);
    await app.close();
    expect([status, body['code'], classify.status]).toEqual([404, 'not_found', 200]);
  });
});

const familyOf = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, '');
