import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ApiKeyRing, parseApiKeys } from '../../src/access/api-keys.js';
import { type RunningApp, startApp } from '../support/app.js';
import { getJson, postJson, send } from '../support/http.js';
import { aKey, keysSetting } from '../support/keys.js';

const ROOT = join(import.meta.dirname, '..', '..');

const classifier = aKey('classifier', 'classify');
const generator = aKey('generator', 'generate', 'tasks');
const oldKey = aKey('backend', 'tasks');
const newKey = aKey('backend', 'tasks');
const admin = aKey('ops', 'admin');

describe('API keys', () => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp({ API_KEYS: keysSetting(classifier, generator, oldKey, newKey, admin) });
  });
  afterAll(() => app.close());

  it.each([
    ['POST', '/classify'],
    ['POST', '/generated/v1/generate'],
    ['POST', '/generated/v1/prompt'],
    ['POST', '/generated/v2/generate'],
    ['POST', '/app/routers/classify'],
    ['POST', '/api/v1/generate'],
    ['POST', '/api/v2/generate'],
    ['POST', '/uploads'],
    ['GET', '/tasks'],
    ['GET', '/tasks/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d'],
    ['GET', '/tasks/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d/events'],
    ['POST', '/tasks/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d/cancel'],
    ['DELETE', '/tasks/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d'],
    ['GET', '/info'],
  ])('asks for a key at %s %s', async (method, path) => {
    const { status, headers, body } = await send(method, app.url + path);

    expect(status).toBe(401);
    expect(headers.get('WWW-Authenticate')).toBe('Bearer realm="desk-ai"');
    expect(body).toMatchObject({ code: 'unauthorized', status: 401 });
  });

  it.each(['/health', '/health/live', '/healthcheck', '/docs-json', '/app/routers/healthcheck'])(
    'asks nobody for a key at %s',
    async (path) => {
      expect((await getJson(app.url + path)).status).toBe(200);
    },
  );

  it('needs no key for a picture or a signed upload link', async () => {
    expect((await getJson(`${app.url}/images/nothing`)).status).toBe(404);
    const upload = await send('PUT', `${app.url}/uploads/x.jpg?signature=forged`);
    expect(upload.body).toMatchObject({ code: 'forbidden' });
  });

  it.each([
    ['Authorization: Bearer', generator.bearer],
    ['a scheme in small letters', { Authorization: `bearer ${generator.secret}` }],
    ['X-API-Key', { 'X-API-Key': generator.secret }],
    ['both, when they are the same', { ...generator.bearer, 'X-API-Key': generator.secret }],
    ['an admin key', admin.bearer],
  ])('takes a key sent as %s', async (_title, headers) => {
    expect((await getJson(`${app.url}/tasks`, headers)).status).toBe(200);
  });

  it.each([
    ['unknown', { Authorization: `Bearer ${aKey('x', 'tasks').secret}` }],
    ['cut off', { 'X-API-Key': generator.secret.slice(0, -1) }],
    ['the hash in API_KEYS', { 'X-API-Key': generator.entry.split(':')[2] ?? '' }],
    ['of another scheme', { Authorization: `Basic ${btoa(`x:${generator.secret}`)}` }],
    ['two that differ', { ...generator.bearer, 'X-API-Key': classifier.secret }],
    ['two valid ones in one field', { 'X-API-Key': `${generator.secret}, ${admin.secret}` }],
    ['very long', { 'X-API-Key': 'a'.repeat(8_000) }],
  ])('refuses a key that is %s', async (_title, headers) => {
    const { status, body, headers: answered } = await getJson(`${app.url}/tasks`, headers);

    expect(status).toBe(401);
    expect(answered.get('WWW-Authenticate')).toMatch(/^Bearer/);
    expect(JSON.stringify(body)).not.toContain(generator.secret);
  });

  it('does not take a key from the query, where proxies would log it', async () => {
    const { status } = await getJson(`${app.url}/tasks?api_key=${generator.secret}`);
    expect(status).toBe(401);
  });

  it('names the missing scope', async () => {
    const { status, headers, body } = await getJson(`${app.url}/tasks`, classifier.bearer);

    expect(status).toBe(403);
    expect(body).toMatchObject({ code: 'forbidden' });
    expect(String(body['detail'])).toContain('`tasks`');
    expect(headers.get('WWW-Authenticate')).toContain('error="insufficient_scope", scope="tasks"');
  });

  it('keeps the scopes apart', async () => {
    const classify = await postJson(`${app.url}/classify`, {}, generator.bearer);
    const generate = await postJson(`${app.url}/generated/v1/generate`, {}, classifier.bearer);
    const allowed = await postJson(`${app.url}/classify`, {}, classifier.bearer);

    expect([classify.status, generate.status]).toEqual([403, 403]);
    // Past the gate: only the body is wrong.
    expect(allowed.body).toMatchObject({ code: 'validation_failed' });
  });

  it('accepts an old and a new key of one client while it is being rolled', async () => {
    expect((await getJson(`${app.url}/tasks`, oldKey.bearer)).status).toBe(200);
    expect((await getJson(`${app.url}/tasks`, newKey.bearer)).status).toBe(200);
  });

  it('says of every route in the document which scope it needs, or that it is public', async () => {
    const { body } = await getJson<{
      paths: Record<string, Record<string, { security?: unknown; responses: object }>>;
      components: { securitySchemes: object };
    }>(`${app.url}/docs-json`);

    expect(Object.keys(body.components.securitySchemes)).toEqual(['bearer', 'api_key']);
    expect(body.paths['/classify']?.['post']?.security).toEqual(
      expect.arrayContaining([{ bearer: ['classify'] }, { api_key: ['classify'] }]),
    );
    expect(body.paths['/health']?.['get']?.security).toEqual([]);
    for (const operation of Object.values(body.paths).flatMap((path) => Object.values(path))) {
      const isPublic = JSON.stringify(operation.security) === '[]';
      const statuses = Object.keys(operation.responses);
      expect(statuses.includes('401')).toBe(!isPublic);
      expect(statuses.includes('429')).toBe(!isPublic);
    }
  });
});

describe('npm run key', () => {
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [join(ROOT, 'scripts/key.mjs'), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  it('prints a key once, and the line for API_KEYS that opens with it', () => {
    const text = run('--name', 'backend', '--scopes', 'classify,generate,tasks');
    const secret = /desk_[A-Za-z0-9_-]{43}/.exec(text)?.[0] ?? '';
    const entry = /backend:\S+/.exec(text)?.[0];
    const { keys, faults } = parseApiKeys(entry);

    expect(faults).toEqual([]);
    expect(text.split(secret)).toHaveLength(2);
    expect(new ApiKeyRing(keys).find(secret)?.name).toBe('backend');
  });

  it.each([[['--name', 'a b', '--scopes', 'tasks']], [['--name', 'a', '--scopes', 'paint']], [[]]])(
    'refuses %j',
    (args) => {
      expect(() => run(...args)).toThrow(/Usage/);
    },
  );
});
