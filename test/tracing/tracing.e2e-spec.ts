import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { sharp } from '../../src/imaging/sharp.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually, getJson, postJson } from '../support/http.js';
import { aKey, keysSetting } from '../support/keys.js';
import { type PhotoServer, readPhoto, startPhotoServer } from '../support/photo-server.js';
import {
  INFERENCE_TOKEN,
  type InferenceUpstream,
  startInferenceUpstream,
} from '../support/upstreams/inference-upstream.js';
import { type LocalServer, startLocalServer } from '../support/upstreams/local-server.js';
import {
  completionOf,
  json,
  OPENAI_KEY,
  type OpenAiUpstream,
  pictureAnswer,
  startOpenAiUpstream,
} from '../support/upstreams/openai-upstream.js';
import { type CollectedSpan, Collector } from './support/collector.js';

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const TRACEPARENT = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
const PLAN = {
  prompt: 'Clear the desk, add a wooden monitor stand on the left and hide all cables behind it.',
  items: ['모니터 받침대', '무선 마우스', 'LED 스탠드'].map((keyword) => ({
    keyword,
    label: 'desk item',
    reason: 'The desk is empty.',
  })),
  style_notes: 'Warm wood and white.',
};

describe('tracing', () => {
  const client = aKey('backend', 'classify', 'generate', 'tasks');
  let collector: Collector;
  let photos: PhotoServer;
  let openAi: OpenAiUpstream;
  let inference: InferenceUpstream;
  let receiver: LocalServer;
  let app: RunningApp;

  beforeAll(async () => {
    const picture = await sharp({
      create: { width: 640, height: 448, channels: 3, background: '#a86' },
    })
      .jpeg()
      .toBuffer();
    const failing = [503];
    [collector, photos, openAi, inference, receiver] = await Promise.all([
      Collector.start(),
      startPhotoServer(),
      startOpenAiUpstream(),
      startInferenceUpstream(picture),
      startLocalServer((_request, response) => {
        response.writeHead(failing.shift() ?? 200).end();
      }),
    ]);
    openAi.answer('/chat/completions', json(completionOf(JSON.stringify(PLAN))));
    openAi.answer('/images/edits', json(pictureAnswer(picture.toString('base64'))));
    app = await startApp({
      ...collector.settings,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=LEAK-COLLECTOR',
      OTEL_SERVICE_NAME: 'desk-ai-test',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      API_KEYS: keysSetting(client),
      OPENAI_API_KEY: OPENAI_KEY,
      OPENAI_BASE_URL: `${openAi.url}/v1`,
      CUSTOM_INFERENCE_URL: `${inference.url}/v1`,
      CUSTOM_INFERENCE_TOKEN: INFERENCE_TOKEN,
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      CALLBACK_ALLOWED_HOSTS: new URL(receiver.url).host,
      CALLBACK_BACKOFF_MS: '10',
      MAX_WAIT_SECONDS: '60',
    });
  }, 60_000);

  afterAll(async () => {
    await app?.close();
    collector?.close();
    await Promise.all([photos, openAi, inference, receiver].map((server) => server?.close()));
  });

  const generate = (version: string, headers: Readonly<Record<string, string>> = {}) =>
    postJson<{ task_id: string }>(
      `${app.url}/generated/${version}/generate`,
      {
        image_url: `${photos.url}/desk`,
        callback_url: `${receiver.url}/done?token=LEAK-CALLBACK`,
      },
      { ...client.bearer, Prefer: 'wait=60', ...headers },
    );

  const collected = (name: string, count: number): Promise<readonly CollectedSpan[]> =>
    eventually(
      async () => collector.named(name),
      (spans) => spans.length >= count,
    );

  /** Names from a span up to the first of its trace. */
  const pathOf = (span: CollectedSpan | undefined): readonly string[] => {
    if (!span) return [];
    const parent = collector.spans.find(({ spanId }) => spanId === span.parentSpanId);
    return [span.name, ...pathOf(parent)];
  };

  it('runs from the caller through the request and the task to providers and the callback', async () => {
    const { status, body } = await generate('v1', {
      traceparent: TRACEPARENT,
      tracestate: 'vendor=opaque',
      'X-Request-Id': 'from-the-backend',
    });
    expect(status).toBe(200);
    await collected('callback', 2);

    const [request] = await collected('POST /generated/v1/generate', 1);
    expect(request).toMatchObject({
      traceId: CALLER.traceId,
      parentSpanId: CALLER.spanId,
      attributes: {
        'http.route': '/generated/v1/generate',
        'http.response.status_code': 200,
        'desk_ai.key': 'backend',
        'desk_ai.request_id': 'from-the-backend',
      },
    });
    const task = collector.childrenOf(request).find(({ name }) => name === 'task generate.v1');
    expect(task?.attributes).toMatchObject({ 'desk_ai.task.id': body.task_id });
    const steps = collector.childrenOf(task).filter(({ name }) => name.startsWith('step '));
    expect(steps.map(({ name }) => name).toSorted()).toEqual([
      'step check_result',
      'step classify',
      'step fetch_image',
      'step generate_image',
      'step search_products',
      'step store_input',
      'step store_result',
      'step write_prompt',
    ]);
    const from = 'task generate.v1,POST /generated/v1/generate'.split(',');
    expect(pathOf(collector.named('openai images.edit')[0])).toEqual([
      'openai images.edit',
      'step generate_image',
      ...from,
    ]);
    expect(pathOf(collector.named('openai chat.completions')[0]).slice(1)).toEqual([
      'step write_prompt',
      ...from,
    ]);
    expect(pathOf(collector.named('photo.download')[0]).slice(1)).toEqual([
      'step fetch_image',
      ...from,
    ]);
    expect(pathOf(collector.named('classify.infer')[0])).toEqual([
      'classify.infer',
      'classify',
      'step classify',
      ...from,
    ]);
    // Both attempts belong to the run that ended the task.
    const callbacks = collector.childrenOf(task).filter(({ name }) => name === 'callback');
    expect(callbacks.map(({ isError, attributes }) => [attributes['error.type'], isError])).toEqual(
      [
        ['http_503', true],
        [undefined, false],
      ],
    );
    for (const span of collector.spans) expect(span.traceId).toBe(CALLER.traceId);
  }, 90_000);

  it('tells the next one where it is: providers and receivers, not the hosts of photos', async () => {
    const spanOf = (traceparent: string | string[] | undefined): string =>
      String(traceparent).split('-')[2] ?? '';
    const idsOf = (name: string): readonly string[] =>
      collector.named(name).map(({ spanId }) => spanId);

    const edit = openAi.requests.find(({ url }) => url.pathname === '/v1/images/edits');
    expect(edit?.headers['traceparent']).toMatch(new RegExp(`^00-${CALLER.traceId}-\\w{16}-01$`));
    expect(edit?.headers['tracestate']).toBe('vendor=opaque');
    expect(idsOf('openai images.edit')).toContain(spanOf(edit?.headers['traceparent']));
    const told = receiver.requests.map(({ headers }) => spanOf(headers['traceparent']));
    expect(told).toHaveLength(2);
    expect(idsOf('callback')).toEqual(told);

    const asked = new Promise<unknown>((resolve) => {
      photos.answer('traced', (request, response) => {
        resolve(request.headers['traceparent']);
        response.writeHead(404).end();
      });
    });
    const url = `${photos.url}/traced`;
    await postJson(`${app.url}/classify`, { initial_image_url: url }, client.bearer);
    expect(await asked).toBeUndefined();
  });

  it("continues on the team's own inference server", async () => {
    const { status } = await generate('v2', { traceparent: TRACEPARENT });
    expect(status).toBe(200);
    const [drawn] = await eventually(
      async () =>
        collector.spans.filter((span) => span.attributes['gen_ai.provider.name'] === 'custom'),
      (spans) => spans.length > 0,
    );
    const sent = inference.requests.map(({ headers }) => headers['traceparent']);
    expect(sent).toContain(`00-${CALLER.traceId}-${drawn?.spanId}-01`);
  }, 90_000);

  it('begins a trace of its own for a caller without one, or with a broken one', async () => {
    const classify = (headers: Readonly<Record<string, string>>) =>
      postJson(
        `${app.url}/classify`,
        { initial_image_url: `${photos.url}/sea?signature=LEAK-PHOTO` },
        { ...client.bearer, ...headers },
      );
    photos.answer('sea?signature=LEAK-PHOTO', (_request, response) => {
      void readPhoto('sea').then((bytes) => response.end(bytes));
    });
    const before = collector.named('POST /classify').length;
    await classify({});
    await classify({ traceparent: `00-${'0'.repeat(32)}-${CALLER.spanId}-01` });
    await classify({ traceparent: 'x'.repeat(10_000) });
    const all = await collected('POST /classify', before + 3);
    const mine = all.slice(before);

    expect(mine.map(({ parentSpanId }) => parentSpanId)).toEqual(['', '', '']);
    expect(new Set([...mine.map(({ traceId }) => traceId), CALLER.traceId]).size).toBe(4);
    const [verdict] = collector.childrenOf(mine[0]);
    expect(verdict).toMatchObject({
      name: 'classify',
      attributes: { 'desk_ai.classify.use': 'request' },
    });
    const parts = collector.childrenOf(verdict).map(({ name }) => name);
    expect(parts.toSorted()).toEqual(['classify.decode', 'classify.fetch', 'classify.infer']);
  });

  it('goes with the callback of a verdict, too', async () => {
    const count = receiver.requests.length;
    await postJson(
      `${app.url}/classify`,
      { initial_image_url: `${photos.url}/desk`, callback_url: `${receiver.url}/verdict` },
      { ...client.bearer, traceparent: TRACEPARENT },
    );
    await eventually(
      async () => receiver.requests.length,
      (length) => length > count,
    );
    const told = receiver.requests.find(({ url }) => url.pathname === '/verdict');
    const spanId = String(told?.headers['traceparent']).split('-')[2];
    const [sent] = await eventually(
      async () => collector.spans.filter((span) => span.spanId === spanId),
      (spans) => spans.length > 0,
    );
    expect(sent?.traceId).toBe(CALLER.traceId);
    expect(pathOf(sent)).toEqual(['callback', 'POST /classify']);
  });

  it('follows a caller who does not want to be traced', async () => {
    const count = collector.spans.length;
    const unsampled = { traceparent: TRACEPARENT.replace(/01$/, '00') };
    await getJson(`${app.url}/tasks`, { ...client.bearer, ...unsampled });
    await fetch(`${app.url}/health`);
    await getJson(`${app.url}/info`, client.bearer);
    await collected('GET /info', 1);
    expect(collector.spans.slice(count).map(({ name }) => name)).toEqual(['GET /info']);
  });

  it('says who sends, with the key of the collector, and gives no secret away', () => {
    expect(collector.spans[0]?.resource).toMatchObject({
      'service.name': 'desk-ai-test',
      'service.version': '0.1.0',
      'deployment.environment.name': 'test',
      'desk_ai.role': 'all',
    });
    const [first] = collector.requests;
    expect(first?.headers['x-collector-key']).toBe('LEAK-COLLECTOR');
    const sent = collector.requests.map(({ text }) => text).join('\n');
    expect(sent).not.toMatch(/LEAK|sk-test|desk_[\w-]{20}|Bearer|\?|모니터|wooden/);
  });
});
