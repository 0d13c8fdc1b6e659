import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { sharp } from '../../src/imaging/sharp.js';
import { ProviderStatus } from '../../src/providers/status/provider-status.js';
import { type RunningApp, startApp } from '../support/app.js';
import { getJson, postJson } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';
import {
  INFERENCE_TOKEN,
  type InferenceUpstream,
  startInferenceUpstream,
} from '../support/upstreams/inference-upstream.js';
import {
  completionOf,
  json,
  OPENAI_KEY,
  type OpenAiUpstream,
  pictureAnswer,
  startOpenAiUpstream,
} from '../support/upstreams/openai-upstream.js';
import {
  naverAnswer,
  NAVER_ID,
  NAVER_SECRET,
  naverItem,
  type ShopUpstream,
  startNaverUpstream,
} from '../support/upstreams/shop-upstreams.js';

const PLAN = {
  prompt: 'Clear the desk, add a wooden monitor stand on the left and hide all cables behind it.',
  items: [
    { keyword: '모니터 받침대', label: 'monitor stand', reason: 'The monitor stands low.' },
    { keyword: '무선 마우스', label: 'wireless mouse', reason: 'Cables cross the desk.' },
    { keyword: 'LED 스탠드', label: 'desk lamp', reason: 'The left side is dark.' },
  ],
  style_notes: 'Warm wood and white.',
};

type Body = Record<string, unknown>;

describe('the whole service with real adapters', () => {
  let app: RunningApp;
  let photos: PhotoServer;
  let openAi: OpenAiUpstream;
  let naver: ShopUpstream;
  let inference: InferenceUpstream;

  beforeAll(async () => {
    const picture = await sharp({
      create: { width: 640, height: 448, channels: 3, background: '#a86' },
    })
      .jpeg()
      .toBuffer();
    [photos, openAi, naver, inference] = await Promise.all([
      startPhotoServer(),
      startOpenAiUpstream(),
      startNaverUpstream(),
      startInferenceUpstream(picture),
    ]);
    openAi.answer('/chat/completions', json(completionOf(JSON.stringify(PLAN))));
    openAi.answer('/images/edits', json(pictureAnswer(picture.toString('base64'))));
    openAi.answer(
      '/models',
      json({ object: 'list', data: [{ id: 'gpt-6-luna', shutdown_date: null }] }),
    );
    naver.answer(naverAnswer(naverItem()));
    app = await startApp({
      OPENAI_API_KEY: OPENAI_KEY,
      OPENAI_BASE_URL: `${openAi.url}/v1`,
      OPENAI_MODEL_WATCH: 'on',
      NAVER_CLIENT_ID: NAVER_ID,
      NAVER_CLIENT_SECRET: NAVER_SECRET,
      NAVER_BASE_URL: naver.url,
      CUSTOM_INFERENCE_URL: `${inference.url}/v1`,
      CUSTOM_INFERENCE_TOKEN: INFERENCE_TOKEN,
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      DAILY_BUDGET_USD: '100',
      MAX_WAIT_SECONDS: '60',
    });
  }, 60_000);

  afterAll(async () => {
    await app?.close();
    await Promise.all([photos, openAi, naver, inference].map((server) => server?.close()));
  });

  const generate = (version: 'v1' | 'v2') =>
    postJson<Body>(
      `${app.url}/generated/${version}/generate`,
      { image_url: `${photos.url}/desk`, seed: 7 },
      { Prefer: 'wait=60' },
    );

  it('v1: OpenAI looks and draws, the shop finds products', async () => {
    const { status, body } = await generate('v1');

    expect({ status, error: body['error'] }).toEqual({ status: 200, error: null });
    expect(body).toMatchObject({
      provider: { vision: 'openai', image: 'openai', products: 'naver' },
      cost: { usd: 0.0237 },
    });
    expect(JSON.stringify(body['products'])).toContain('앱코 무선 마우스');
    expect([...openAi.violations, ...naver.violations]).toEqual([]);
  }, 90_000);

  it("v2: the team's own server draws", async () => {
    const { status, body } = await generate('v2');

    expect({ status, error: body['error'] }).toEqual({ status: 200, error: null });
    expect(body).toMatchObject({ provider: { vision: 'openai', image: 'custom' } });
    expect(inference.violations).toEqual([]);
    expect(inference.drawings.at(-1)?.seed).toBe(7);
  }, 90_000);

  it('knows the state of what it depends on', async () => {
    const report = await app.app.get(ProviderStatus, { strict: false }).read();

    expect(report).toMatchObject({
      status: 'degraded',
      models: {
        state: 'degraded',
        findings: [{ model: 'gpt-image-2.5-flare', problem: 'missing' }],
      },
      inference: { state: 'up', name: 'desk-redesign' },
      spend: { budgetUsd: 100 },
    });
    expect(report.spend.todayUsd).toBeGreaterThan(0.02);
    const { body } = await getJson<{ providers: Body }>(`${app.url}/info`);
    expect(body.providers).toMatchObject({
      prompt_writer: { name: 'openai', model: 'gpt-6-luna' },
      image_generator_v1: { name: 'openai', model: 'gpt-image-2.5-flare' },
      image_generator_v2: { name: 'custom', model: 'desk-redesign' },
      product_search: 'naver,catalogue',
    });
  });
});
