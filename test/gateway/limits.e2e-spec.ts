import { afterEach, describe, expect, it } from '@jest/globals';

import { CLOCK } from '../../src/common/clock.js';
import { type RunningApp, type Settings, startApp } from '../support/app.js';
import { getJson, postJson } from '../support/http.js';
import { aKey, keysSetting } from '../support/keys.js';

const one = aKey('one', 'classify', 'generate', 'tasks');
const other = aKey('other', 'classify', 'generate', 'tasks');

const LIMITS = {
  RATE_LIMIT_CLASSIFY: '2',
  RATE_LIMIT_GENERATE: '3',
  RATE_LIMIT_READ: '4',
  RATE_LIMIT_ADDRESS: '1000',
};

describe('Limits', () => {
  let app: RunningApp | undefined;
  // Stands still unless a test moves it.
  const clock = { time: Date.now(), now: () => clock.time };

  const start = async (settings: Settings): Promise<string> => {
    app = await startApp({ ...LIMITS, ...settings }, (builder) =>
      builder.overrideProvider(CLOCK).useValue(clock),
    );
    return app.url;
  };
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const codes = async (times: number, ask: () => Promise<{ body: Record<string, unknown> }>) => {
    const seen: unknown[] = [];
    for (let i = 0; i < times; i += 1) seen.push((await ask()).body['code']);
    return seen;
  };

  it('counts classify, generate and reads apart, and each key by itself', async () => {
    const url = await start({ API_KEYS: keysSetting(one, other) });
    const classify = (key: typeof one) => () => postJson(`${url}/classify`, {}, { ...key.bearer });
    const generate = () => postJson(`${url}/generated/v1/generate`, {}, { ...one.bearer });
    const redraw = () => postJson(`${url}/api/v2/generate`, {}, { ...one.bearer });
    const read = () => getJson(`${url}/tasks/x`, { ...one.bearer });

    const wrong = 'validation_failed';
    expect(await codes(3, classify(one))).toEqual([wrong, wrong, 'rate_limited']);
    expect(await codes(2, generate)).toEqual([wrong, wrong]);
    expect(await codes(2, redraw)).toEqual([wrong, 'rate_limited']);
    expect(await codes(5, read)).toEqual([...Array(4).fill('not_found'), 'rate_limited']);
    expect(await codes(1, classify(other))).toEqual([wrong]);
  });

  it('says what is left, when to come back, and lets in whoever waited that long', async () => {
    const url = await start({ API_KEYS: keysSetting(one) });
    const ask = () => postJson(`${url}/classify`, {}, { ...one.bearer });

    const first = await ask();
    expect(first.headers.get('RateLimit-Policy')).toBe(
      '"address";q=1000;w=60, "classify";q=2;w=60',
    );
    expect(first.headers.get('RateLimit')).toBe('"address";r=999;t=1, "classify";r=1;t=30');
    await ask();
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Retry-After')).toBe('30');
    expect(refused.headers.get('RateLimit')).toContain('"classify";r=0;t=60');

    clock.time += 30_000;
    expect((await ask()).body).toMatchObject({ code: 'validation_failed' });
    expect((await ask()).status).toBe(429);
  });

  it('limits the guessing of keys by address', async () => {
    const url = await start({ API_KEYS: keysSetting(one), RATE_LIMIT_ADDRESS: '3' });
    const guess = () => getJson(`${url}/tasks`, { 'X-API-Key': aKey('x', 'tasks').secret });

    expect(await codes(4, guess)).toEqual([...Array(3).fill('unauthorized'), 'rate_limited']);
  });

  it('counts by address where no keys are asked for', async () => {
    const url = await start({ AUTH: 'off' });
    const ask = () => postJson(`${url}/classify`, {});

    expect(await codes(3, ask)).toEqual(['validation_failed', 'validation_failed', 'rate_limited']);
  });

  it('believes X-Forwarded-For only from the proxies that TRUST_PROXY names', async () => {
    const ask = (url: string, client: string) =>
      postJson(`${url}/classify`, {}, { 'X-Forwarded-For': client });

    const believing = await start({ AUTH: 'off', TRUST_PROXY: '1', RATE_LIMIT_CLASSIFY: '1' });
    await ask(believing, '198.51.100.1');
    expect((await ask(believing, '198.51.100.2')).status).toBe(400);
    expect((await ask(believing, '6.6.6.6, 198.51.100.1')).status).toBe(429);
    await app?.close();

    const careful = await start({ AUTH: 'off', RATE_LIMIT_CLASSIFY: '1' });
    await ask(careful, '198.51.100.1');
    expect((await ask(careful, '198.51.100.2')).status).toBe(429);
  });

  it('never limits health, the document or pictures', async () => {
    const url = await start({ API_KEYS: keysSetting(one), RATE_LIMIT_ADDRESS: '1' });
    for (let i = 0; i < 3; i += 1) {
      expect((await getJson(`${url}/health`)).status).toBe(200);
      expect((await getJson(`${url}/docs-json`)).status).toBe(200);
      expect((await getJson(`${url}/images/nothing`)).status).toBe(404);
    }
  });

  it('limits nobody in development without keys, where only this machine can call', async () => {
    const url = await start({});
    expect(await codes(5, () => postJson(`${url}/classify`, {}))).not.toContain('rate_limited');
  });
});
