import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { SETTING_GROUPS } from '../../src/config/config.module.js';
import { describeSettings } from '../../src/config/setting.js';

const read = (path: string): Promise<string> =>
  readFile(join(import.meta.dirname, '..', '..', path), 'utf8');

const SETTINGS = new Set(
  SETTING_GROUPS.flatMap(({ settings }) => describeSettings(settings).map(({ name }) => name)),
);
/** Those of other programs in the same files. */
const FOREIGN =
  /^(?:POSTGRES_|GF_|VGW_|ROOT_|GRAFANA_PASSWORD|S3_SECRET_KEY|METRICS_KEY|DESK_AI_VERSION|ONNXRUNTIME_NODE_INSTALL|NODE_IMAGE)/;

const namesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name]) => name ?? '');

const secondsOf = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1]);

describe('the files of a deployment', () => {
  it.each([
    ['compose.yaml', /^ {2,6}([A-Z][A-Z0-9_]+):/gm],
    ['deploy/compose.env.example', /^#?([A-Z][A-Z0-9_]+)=/gm],
    ['deploy/desk-ai.service', /[= ]([A-Z][A-Z0-9]*_[A-Z0-9_]+)=\S/g],
    ['docs/operations.md', /`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`/g],
  ])('%s names only settings that exist', async (path, pattern) => {
    const names = namesIn(await read(path), pattern).filter((name) => !FOREIGN.test(name));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !SETTINGS.has(name))).toEqual([]);
  });

  it.each([
    ['compose.yaml', /SHUTDOWN_TIMEOUT_MS: '(\d+)'/, /stop_grace_period: (\d+)s/],
    ['deploy/desk-ai.service', /SHUTDOWN_TIMEOUT_MS=(\d+)/, /TimeoutStopSec=(\d+)/],
  ])('%s waits for the drain and does not kill it', async (path, drain, patience) => {
    const text = await read(path);
    expect(secondsOf(text, patience)).toBeGreaterThan(secondsOf(text, drain) / 1_000 + 2);
  });

  it('compose.yaml knows no password', async () => {
    const secrets = (await read('compose.yaml')).matchAll(
      /^ *[A-Z0-9_]*(?:PASSWORD|SECRET[A-Z_]*|API_KEYS): *(.*)$/gm,
    );
    const values = [...secrets].map(([, value]) => value);
    expect(values.length).toBeGreaterThan(3);
    for (const value of values) expect(value).toMatch(/^\$\{[A-Z0-9_]+:\?/);
  });

  it('the example of secrets is empty', async () => {
    const text = await read('deploy/compose.env.example');
    expect(namesIn(text, /^[A-Z0-9_]+=(.*)$/gm).filter((value) => value !== '')).toEqual([]);
  });

  it('the manual probes the path and port that we serve', async () => {
    const text = (await read('docs/operations.md')).replaceAll(/\\\n\s*/g, '');
    expect(text).toMatch(
      /gcloud compute health-checks create http \S+ --port=8080 --request-path=\/health --/,
    );
    expect(text).toContain('--source-ranges=35.191.0.0/16,130.211.0.0/22');
  });
});
