import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type RunningApp, startApp } from '../support/app.js';
import { getJson } from '../support/http.js';
import { aKey, keysSetting } from '../support/keys.js';

const FOLDER = join(import.meta.dirname, '..', '..', 'assets', 'playground');
const BUDGET_BYTES = 150_000;

describe('the playground over HTTP', () => {
  let service: RunningApp;
  const key = aKey('frontend', 'classify', 'generate', 'tasks');

  beforeAll(async () => {
    service = await startApp({ API_KEYS: keysSetting(key) });
  });
  afterAll(() => service.close());

  it('needs no key and has a strict policy', async () => {
    const response = await fetch(`${service.url}/playground`);

    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('Content-Security-Policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: https:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  it.each(['/playground', '/playground/playground.css', '/playground/playground.js'])(
    'answers 304 to a browser that has %s',
    async (path) => {
      const first = await fetch(service.url + path);
      const etag = first.headers.get('ETag') ?? '';
      const again = await fetch(service.url + path, { headers: { 'If-None-Match': etag } });

      expect(first.headers.get('Cache-Control')).toBe('no-cache');
      expect([first.status, again.status]).toEqual([200, 304]);
    },
  );

  it.each([
    '/playground/nothing.js',
    '/playground/index.html',
    '/playground/..%2f..%2fpackage.json',
    '/playground/..%2fcatalogue%2fmouse.js',
    '/playground/%2e%2e.js',
  ])('has nothing at %s', async (path) => {
    expect((await getJson(service.url + path)).status).toBe(404);
  });

  it('leads from the trailing slash to the page', async () => {
    const response = await fetch(`${service.url}/playground/`, { redirect: 'follow' });

    expect(response.url).toBe(`${service.url}/playground`);
  });

  it('tells the page what it has to know', async () => {
    expect((await getJson(`${service.url}/playground/settings.json`)).body).toEqual({
      needs_api_key: true,
      public_base_url: service.url,
      has_sample: true,
      has_docs: true,
      mock_scenarios: [],
    });
  });

  it('stays below its budget and names every file it is made of', async () => {
    const files = await readdir(FOLDER);
    const sizes = await Promise.all(
      files.map(async (name) => (await stat(join(FOLDER, name))).size),
    );
    const sources = (
      await Promise.all(files.map((name) => readFile(join(FOLDER, name), 'utf8')))
    ).join('\n');

    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(BUDGET_BYTES);
    // Nothing from elsewhere, nothing that the policy would have to allow, no HTML from strings.
    expect(sources).not.toMatch(/(?:src|href)="https?:|@import|url\(["']?http/);
    expect(sources).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
    expect(sources).not.toMatch(/ style="| on[a-z]+="/);
  });

  it('has every sentence in both languages', async () => {
    const read = (name: string): Promise<Record<string, Record<string, string>>> =>
      import(join(FOLDER, name)) as Promise<Record<string, Record<string, string>>>;
    const { en = {} } = await read('texts-en.js');
    const { ko = {} } = await read('texts-ko.js');
    const html = await readFile(join(FOLDER, 'index.html'), 'utf8');
    const used = [...html.matchAll(/data-text="([^"]+)"/g)].map(([, name]) => name);
    const fields = (text = ''): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

    expect(Object.keys(ko).toSorted()).toEqual(Object.keys(en).toSorted());
    expect(used.filter((name) => name === undefined || !(name in en))).toEqual([]);
    for (const name of Object.keys(en))
      expect([name, fields(ko[name])]).toEqual([name, fields(en[name])]);
  });
});

describe('PLAYGROUND', () => {
  it('is closed when it is off', async () => {
    const service = await startApp({ PLAYGROUND: 'off' });
    const paths = ['', '/playground.js', '/settings.json', '/sample.jpg'];
    const answers = await Promise.all(
      paths.map((path) => getJson(`${service.url}/playground${path}`)),
    );
    await service.close();

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(answers[0]?.body).toMatchObject({ code: 'not_found' });
  });

  it('is off by itself in production', async () => {
    const service = await startApp({ NODE_ENV: 'production', AUTH: 'off', LOG_LEVEL: 'silent' });
    const { status } = await getJson(`${service.url}/playground`);
    await service.close();

    expect(status).toBe(404);
  });
});
