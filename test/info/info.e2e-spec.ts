import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { findChangedSettings } from '../../src/config/changed-settings.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually, getJson } from '../support/http.js';
import { aKey } from '../support/keys.js';
import {
  json,
  OPENAI_KEY,
  type OpenAiUpstream,
  startOpenAiUpstream,
} from '../support/upstreams/openai-upstream.js';

interface Provider {
  readonly name: string;
  readonly model: string;
  readonly retires_on: string | null;
}

interface Info {
  readonly commit: string | null;
  readonly uptime_seconds: number;
  readonly providers: Readonly<Record<string, Provider>>;
  readonly model_notices: readonly unknown[];
  readonly changed_settings: readonly string[];
  readonly mock_scenarios: readonly string[];
}

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const FAR = '2031-05-01';

describe('GET /info', () => {
  const key = aKey('ops', 'tasks');
  let openAi: OpenAiUpstream;
  let service: RunningApp;

  beforeAll(async () => {
    openAi = await startOpenAiUpstream();
    openAi.answer(
      '/models',
      json({
        object: 'list',
        data: [
          { id: 'gpt-6-luna', shutdown_date: null },
          { id: 'gpt-image-2.5-flare', shutdown_date: FAR },
        ],
      }),
    );
    service = await startApp({
      API_KEYS: key.entry,
      GIT_COMMIT: COMMIT,
      OPENAI_API_KEY: OPENAI_KEY,
      OPENAI_BASE_URL: `${openAi.url}/v1`,
      OPENAI_MODEL_WATCH: 'on',
      IMAGE_GENERATOR: 'openai,embedded',
      CALLBACK_SECRET: 'whsec_q2D9sVt4k0m7Zr1XwYb8Ue3HjN6cLfPa',
      MOCK_SCENARIOS: 'on',
      // Set, and what it would be anyway.
      TASK_CONCURRENCY: '4',
      TASK_QUEUE_LIMIT: '',
    });
  });
  afterAll(async () => {
    await service.close();
    await openAi.close();
  });

  const read = () => getJson<Info>(`${service.url}/info`, key.bearer);

  it('names the commit that was built', async () => {
    expect((await read()).body.commit).toBe(COMMIT);
  });

  it('says when a bound model retires, however far away that is', async () => {
    const { body } = await eventually(read, (answer) =>
      Object.values(answer.body.providers).some((one) => Boolean(one.retires_on)),
    );
    expect(body.providers).toMatchObject({
      prompt_writer: { name: 'openai', model: 'gpt-6-luna', retires_on: null },
      image_generator_v1: {
        name: 'openai,embedded',
        model: 'gpt-image-2.5-flare,retouch-1',
        retires_on: FAR,
      },
      image_generator_v2: { name: 'embedded', model: 'retouch-1', retires_on: null },
    });
    expect(body.model_notices).toEqual([]);
  });

  it('names the settings that were changed, and none of their values', async () => {
    const answer = await fetch(`${service.url}/info`, { headers: key.bearer });
    const text = await answer.text();
    const { changed_settings: names } = JSON.parse(text) as Info;
    for (const name of ['API_KEYS', 'CALLBACK_SECRET', 'IMAGE_GENERATOR', 'OPENAI_API_KEY']) {
      expect(names).toContain(name);
    }
    expect(names).not.toContain('TASK_CONCURRENCY');
    expect(names).not.toContain('TASK_QUEUE_LIMIT');
    expect(names).toEqual(names.toSorted());
    for (const value of [OPENAI_KEY, key.secret, key.entry, 'whsec_', openAi.url]) {
      expect(text).not.toContain(value);
    }
  });

  it('lists the scenarios that may be asked for', async () => {
    expect((await read()).body.mock_scenarios).toContain('provider_down');
  });
});

describe('Changed settings', () => {
  it('are none when nothing is set', () => {
    expect(findChangedSettings({})).toEqual([]);
  });

  it.each([
    ['a default in other words', { PLAYGROUND: '', DOCS: 'yes', PORT: ' 8080 ' }, []],
    ['a flag', { DOCS: 'off' }, ['DOCS']],
    ['a number', { PORT: '8081' }, ['PORT']],
    ['what has no default', { DATABASE_URL: 'postgres://db/desk' }, ['DATABASE_URL']],
    ['what is no setting of ours', { HOME: '/root', PATH: '/bin' }, []],
  ])('tell %s', (_title, environment, expected) => {
    expect(findChangedSettings(environment)).toEqual(expected);
  });
});
