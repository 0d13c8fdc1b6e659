import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { startApp } from '../support/app.js';
import { findPromtool, runPromtool } from './support/promtool.js';
import { queriesOf } from './support/queries.js';

const ROOT = join(import.meta.dirname, '..', '..');
const RULES = join(ROOT, 'deploy/prometheus/rules/desk-ai.yml');

const promtool = findPromtool();
const withPromtool = promtool === undefined ? describe.skip : describe;

withPromtool('promtool', () => {
  const run = (parameters: readonly string[], input?: string): string =>
    runPromtool(promtool ?? '', parameters, input);

  it('finds no fault in the rules', () => {
    expect(run(['check', 'rules', '--lint=all', '--lint-fatal', RULES])).toContain('SUCCESS');
  });

  it('understands every query of the dashboard', async () => {
    const text = await readFile(join(ROOT, 'deploy/grafana/dashboards/desk-ai.json'), 'utf8');
    const queries = queriesOf(text).map((query) =>
      query.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
    );
    const rules = queries.map((expr, index) => ({ record: `panel:${index}`, expr }));
    const folder = await mkdtemp(join(tmpdir(), 'desk-ai-dashboard-'));
    const file = join(folder, 'rules.yml');
    // JSON is YAML as well.
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const said = run(['check', 'rules', file]);
    await rm(folder, { recursive: true });
    expect(queries.length).toBeGreaterThan(50);
    expect(said).toContain(`${queries.length} rules found`);
  });

  it('understands the configuration', () => {
    const config = join(ROOT, 'deploy/prometheus/prometheus.yml');
    expect(run(['check', 'config', '--syntax-only', config])).toContain('SUCCESS');
  });

  it('sees the alerts fire when they should, and stay quiet when not', () => {
    expect(run(['test', 'rules', join(import.meta.dirname, 'alerts.test.yml')])).toContain(
      'SUCCESS',
    );
  });

  it('finds no fault in what the service exports', async () => {
    const app = await startApp();
    await fetch(`${app.url}/tasks`);
    const text = await (await fetch(`${app.url}/metrics`)).text();
    await app.close();
    expect(text).toContain('deskai_http_requests_total{route="/tasks",method="GET",code="200"} 1');
    expect(run(['check', 'metrics', '--extended'], text)).toContain('deskai_http_requests_total');
    expect(run(['check', 'metrics'], text)).toBe('');
  });
});

describe('the files for Prometheus', () => {
  it('every alert says what to read, and the page has it', async () => {
    const rules = await readFile(RULES, 'utf8');
    const page = await readFile(join(ROOT, 'docs/metrics.md'), 'utf8');
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    const runbooks = [...rules.matchAll(/runbook: docs\/metrics\.md#(\w+)/g)].map(
      ([, name]) => name,
    );
    const summaries = [...rules.matchAll(/^ +summary: \S/gm)];

    expect(alerts.length).toBeGreaterThan(20);
    expect(runbooks).toEqual(alerts.map((name) => name.toLowerCase()));
    expect(summaries).toHaveLength(alerts.length);
    for (const name of alerts) expect(page).toContain(`### ${name}\n`);
  });

  it('the configuration reads the folder in which the rules are', async () => {
    const config = await readFile(join(ROOT, 'deploy/prometheus/prometheus.yml'), 'utf8');
    expect(config).toContain('rules/*.yml');
    // Every file there is a file of rules: Prometheus does not start otherwise.
    const files = await readdir(join(ROOT, 'deploy/prometheus/rules'));
    expect(files).toEqual(['desk-ai.yml']);
  });
});
