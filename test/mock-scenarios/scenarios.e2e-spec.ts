import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type RunningApp, startApp } from '../support/app.js';
import { eventually, getJson, postJson } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';
import {
  readEvents,
  type Receiver,
  startReceiver,
  startedSteps,
  type TaskJson,
  type ToldEvent,
} from './support/receiver.js';

const V1 = '/generated/v1/generate';
const V2 = '/generated/v2/generate';
const PROMPT = '/generated/v1/prompt';
const SLOW_MS = 2_000;

interface Outcome {
  readonly status: string;
  readonly code?: string;
  /** Status of an answer that was waited for. */
  readonly http: number;
  /** The step that ends it. */
  readonly lastStep: string;
  readonly attempts?: number;
}

const OUTCOMES: readonly (readonly [string, Outcome])[] = [
  ['slow', { status: 'succeeded', http: 200, lastStep: 'store_result' }],
  [
    'fail_after_classify',
    { status: 'failed', code: 'provider_failed', http: 502, lastStep: 'write_prompt' },
  ],
  ['no_products', { status: 'succeeded', http: 200, lastStep: 'store_result' }],
  ['not_a_desk', { status: 'rejected', code: 'not_a_desk', http: 422, lastStep: 'classify' }],
  [
    'content_rejected',
    { status: 'failed', code: 'content_rejected', http: 422, lastStep: 'generate_image' },
  ],
  [
    'provider_down',
    {
      status: 'failed',
      code: 'provider_unavailable',
      http: 503,
      lastStep: 'generate_image',
      attempts: 2,
    },
  ],
];

const isStart =
  (step: string) =>
  ({ type, data }: ToldEvent): boolean =>
    type === 'step' && data['step'] === step && data['state'] === 'started';

describe('mock scenarios', () => {
  let photos: PhotoServer;
  let receiver: Receiver;
  let service: RunningApp;

  beforeAll(async () => {
    photos = await startPhotoServer();
    receiver = await startReceiver();
    service = await startApp({
      MOCK_SCENARIOS: 'on',
      MOCK_SLOW_SECONDS: String(SLOW_MS / 1_000),
      TASK_STEP_ATTEMPTS: '2',
      CLASSIFY_FOLLOW_UP: 'generate',
      IMAGE_ALLOWED_PRIVATE_HOSTS: `${photos.host},${receiver.host}`,
      CALLBACK_ALLOWED_HOSTS: receiver.host,
      // Scenarios must neither ask nor pay the vendor that is bound.
      OPENAI_API_KEY: 'sk-not-a-key',
      OPENAI_BASE_URL: `http://${receiver.host}/v1`,
      NAVER_CLIENT_ID: 'id',
      NAVER_CLIENT_SECRET: 'secret',
      NAVER_BASE_URL: `http://${receiver.host}`,
    });
  });
  afterAll(async () => {
    await service.close();
    receiver.close();
    await photos.close();
  });

  /** Croissants: a scenario plays whatever the photo shows. */
  const ask = (path: string, scenario: string, headers = {}) =>
    postJson<TaskJson>(
      `${service.url}${path}`,
      { image_url: `${photos.url}/croissants`, callback_url: receiver.url },
      { 'X-Mock-Scenario': scenario, ...headers },
    );

  describe.each([V1, V2])('%s', (path) => {
    it.each(OUTCOMES)(
      'plays %s with states, events and one callback',
      async (scenario, outcome) => {
        const { status, body } = await ask(path, scenario);
        expect(status).toBe(202);
        const url = `${service.url}/tasks/${body.task_id}`;
        const events = await readEvents(`${url}/events`);
        expect(events[0]?.type).toBe('queued');
        expect(startedSteps(events).at(-1)).toBe(outcome.lastStep);
        const { attempts = 1, lastStep } = outcome;
        expect(events.filter(isStart(lastStep))).toHaveLength(attempts);
        expect(events.filter(({ type }) => type === 'retry')).toHaveLength(attempts - 1);

        const { body: task } = await getJson<TaskJson>(url);
        expect(task).toMatchObject({
          status: outcome.status,
          error: outcome.code === undefined ? null : { code: outcome.code },
          cost: { usd: 0, calls: [] },
        });
        expect(task.warnings).toContain(`mock_scenario:${scenario}`);
        expect(events.at(-1)).toMatchObject({ type: 'ended', data: { status: outcome.status } });
        const hasPicture = outcome.status === 'succeeded';
        expect(task.processed_image_url !== null).toBe(hasPicture);
        expect(task.products.length > 0).toBe(hasPicture && scenario !== 'no_products');

        await eventually(
          async () => receiver.about(body.task_id),
          (told) => told.length > 0,
        );
        expect(receiver.about(body.task_id)).toEqual([task]);
      },
      60_000,
    );
  });

  it.each(OUTCOMES)(
    'answers %s with the status of its outcome when the client waits',
    async (scenario, { http, code }) => {
      const { status, body } = await ask(V1, scenario, { Prefer: 'wait=25' });
      expect(status).toBe(http);
      if (code !== undefined) expect(body).toMatchObject({ code });
    },
    60_000,
  );

  it('lets slow outlast a short wait, with steps that take their time, and be canceled', async () => {
    const { status, body } = await ask(V2, 'slow', { Prefer: 'wait=1' });
    expect(status).toBe(202);
    expect(['queued', 'running']).toContain(body.status);
    const canceled = await postJson<TaskJson>(`${service.url}/tasks/${body.task_id}/cancel`, {});
    expect(canceled.body.status).toBe('canceled');
    const events = await readEvents(`${service.url}/tasks/${body.task_id}/events`);
    expect(events.at(-1)?.data['status']).toBe('canceled');
  });

  it('gives a picture, items and warnings but no product in no_products', async () => {
    const { body } = await ask(V1, 'no_products', { Prefer: 'wait=25' });
    expect(body.processed_image_url).toMatch(/^http/);
    expect(body.items.length).toBeGreaterThanOrEqual(3);
    expect(body.products).toEqual([]);
    for (const { keyword } of body.items) expect(body.warnings).toContain(`no_products:${keyword}`);
  });

  it.each([
    ['slow', 200, undefined],
    ['no_products', 200, undefined],
    ['not_a_desk', 422, 'not_a_desk'],
    ['fail_after_classify', 502, 'provider_failed'],
    ['content_rejected', 422, 'content_rejected'],
    ['provider_down', 503, 'provider_unavailable'],
  ])('plays %s for the prompt alone with %i', async (scenario, http, code) => {
    const { status, body } = await ask(PROMPT, scenario);
    expect(status).toBe(http);
    expect(body).toMatchObject(code === undefined ? { status: 'succeeded' } : { code });
  });

  describe('POST /classify', () => {
    const classify = (scenario: string, headers = {}) =>
      postJson(
        `${service.url}/classify`,
        { initial_image_url: `${photos.url}/croissants`, callback_url: receiver.url },
        { 'X-Mock-Scenario': scenario, ...headers },
      );

    it.each(['fail_after_classify', 'no_products', 'content_rejected'])(
      'says yes in %s, and the task that follows plays on',
      async (scenario) => {
        const { status, body } = await classify(scenario);
        expect(status).toBe(200);
        expect(body).toMatchObject({ classify: true, reason: null, tip: null });
        const url = `${service.url}/tasks/${String(body['task_id'])}`;
        await readEvents(`${url}/events`);
        const { body: task } = await getJson<TaskJson>(url);
        expect(task.warnings).toContain(`mock_scenario:${scenario}`);
        expect(task.status).toBe(scenario === 'no_products' ? 'succeeded' : 'failed');
      },
      30_000,
    );

    it('says no in not_a_desk, with the tip for a person', async () => {
      const { status, body } = await classify('not_a_desk');
      expect(status).toBe(200);
      expect(body).toMatchObject({ classify: false, reason: 'no_desk', task_id: null });
      expect(body['tip']).toMatchObject({ ko: expect.any(String), en: expect.any(String) });
      expect(body['confidence']).toBeLessThan(0.1);
    });

    it('answers 503 with Retry-After in provider_down', async () => {
      const { status, headers, body } = await classify('provider_down');
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toBe('1');
      expect(body).toMatchObject({ code: 'provider_unavailable' });
    });

    it('takes its time in slow', async () => {
      const startedAt = Date.now();
      const { status } = await classify('slow');
      expect(status).toBe(200);
      expect(Date.now() - startedAt).toBeGreaterThanOrEqual(SLOW_MS / 10);
    });

    it.each([
      ['en', 'X-Mock-Scenario must be one of slow, fail_after_classify, no_products,'],
      ['ko', 'X-Mock-Scenario: 다음 중 하나여야 합니다: slow, fail_after_classify, no_products,'],
    ])('names the scenarios there are, in %s', async (language, sentence) => {
      const { status, body } = await classify('sloow', { 'Accept-Language': language });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        code: 'validation_failed',
        errors: [{ field: 'X-Mock-Scenario', message: expect.stringContaining(sentence) }],
      });
    });
  });

  it.each([V1, V2, PROMPT])('refuses an unknown scenario at %s', async (path) => {
    const { status, body } = await ask(path, 'slow, slow');
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ field: 'X-Mock-Scenario' }] });
  });
});
