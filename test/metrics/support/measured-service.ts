import { createServer } from 'node:http';

import { sharp } from '../../../src/imaging/sharp.js';
import { startApp } from '../../support/app.js';
import { eventually, getJson, postJson, send } from '../../support/http.js';
import { aKey, keysSetting } from '../../support/keys.js';
import { readPhoto, startPhotoServer } from '../../support/photo-server.js';
import {
  INFERENCE_TOKEN,
  startInferenceUpstream,
} from '../../support/upstreams/inference-upstream.js';
import {
  completionOf,
  json,
  OPENAI_KEY,
  pictureAnswer,
  startOpenAiUpstream,
} from '../../support/upstreams/openai-upstream.js';
import { parseExposition, type Series } from './exposition.js';

const PLAN = {
  prompt: 'Clear the desk, add a wooden monitor stand on the left and hide all cables behind it.',
  items: [
    { keyword: '모니터 받침대', label: 'monitor stand', reason: 'The monitor stands low.' },
    { keyword: '무선 마우스', label: 'wireless mouse', reason: 'Cables cross the desk.' },
    { keyword: 'LED 스탠드', label: 'desk lamp', reason: 'The left side is dark.' },
  ],
  style_notes: 'Warm wood and white.',
};
const SOON_MS = 30 * 86_400_000;

/** A backend that takes its first callback only at the second try. */
const startReceiver = async (): Promise<{ url: string; host: string; close: () => void }> => {
  const statuses = [503];
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://${host}/callback?token=LEAK-QUERY`, host, close };
};

export interface MeasuredService {
  readonly url: string;
  readonly keys: Readonly<
    Record<'client' | 'prometheus' | 'ops', Readonly<Record<string, string>>>
  >;
  readonly taskIds: readonly string[];
  readonly photoHost: string;
  /** What Prometheus reads. */
  text(): Promise<string>;
  series(): Promise<readonly Series[]>;
  close(): Promise<void>;
}

/** The service with real adapters against local upstreams, after a day's work in short. */
export const startMeasuredService = async (): Promise<MeasuredService> => {
  const picture = await sharp({
    create: { width: 640, height: 448, channels: 3, background: '#a86' },
  })
    .jpeg()
    .toBuffer();
  const [photos, openAi, inference, receiver] = await Promise.all([
    startPhotoServer(),
    startOpenAiUpstream(),
    startInferenceUpstream(picture),
    startReceiver(),
  ]);
  openAi.answer('/chat/completions', json(completionOf(JSON.stringify(PLAN))));
  openAi.answer('/images/edits', json(pictureAnswer(picture.toString('base64'))));
  const shutdown_date = new Date(Date.now() + SOON_MS).toISOString().slice(0, 10);
  openAi.answer('/models', json({ object: 'list', data: [{ id: 'gpt-6-luna', shutdown_date }] }));
  const client = aKey('backend', 'classify', 'generate', 'tasks');
  const prometheus = aKey('prometheus', 'metrics');
  const ops = aKey('ops', 'admin');
  const app = await startApp({
    API_KEYS: keysSetting(client, prometheus, ops),
    OPENAI_API_KEY: OPENAI_KEY,
    OPENAI_BASE_URL: `${openAi.url}/v1`,
    OPENAI_MODEL_WATCH: 'on',
    CUSTOM_INFERENCE_URL: `${inference.url}/v1`,
    CUSTOM_INFERENCE_TOKEN: INFERENCE_TOKEN,
    IMAGE_GENERATOR: 'openai,embedded',
    IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
    CALLBACK_ALLOWED_HOSTS: receiver.host,
    CALLBACK_BACKOFF_MS: '10',
    HEALTH_INTERVAL_MS: '200',
    DAILY_BUDGET_USD: '100',
    MAX_WAIT_SECONDS: '60',
  });
  const { url } = app;
  const text = async (): Promise<string> =>
    (await fetch(`${url}/metrics`, { headers: prometheus.bearer })).text();

  const desk = `${photos.url}/desk?signature=LEAK-QUERY`;
  photos.answer('desk?signature=LEAK-QUERY', (_request, response) => {
    void readPhoto('desk').then((bytes) => response.writeHead(200).end(bytes));
  });
  const { bearer } = client;
  const classify = (initial_image_url: string) =>
    postJson(`${url}/classify`, { initial_image_url }, bearer);
  const generate = async (version: string, body: object): Promise<string> => {
    const wait = { ...bearer, Prefer: 'wait=60' };
    const answer = await postJson(`${url}/generated/${version}/generate`, body, wait);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return String(answer.body['task_id']);
  };

  await classify(desk);
  await classify(desk);
  await classify(`${photos.url}/sea`);
  await classify(`${photos.url}/not-there`);
  await postJson(`${url}/classify`, '{', bearer);
  const taskIds = [
    await generate('v1', { image_url: desk, callback_url: receiver.url }),
    await generate('v2', { image_url: desk, seed: 7 }),
  ];
  // The vendor is down: the embedded generator takes over.
  openAi.answer('/images/edits', json({ error: { message: 'down', code: null } }, 500));
  taskIds.push(await generate('v1', { image_url: desk, seed: 8 }));
  const refused = await postJson(
    `${url}/generated/v1/generate`,
    { image_url: `${photos.url}/sea` },
    { ...bearer, Prefer: 'wait=60' },
  );
  taskIds.push(String(refused.body['task_id']));
  await getJson(`${url}/tasks/${taskIds[0]}`, bearer);
  await getJson(`${url}/tasks/${taskIds[1]}`, bearer);
  await getJson(`${url}/tasks`, {});
  await send('GET', `${url}/wp-admin/${taskIds[0]}`);
  await send('PROPFIND', `${url}/tasks`, { headers: bearer });
  await eventually(
    async () =>
      (await getJson<{ status: string }[]>(`${url}/tasks/${taskIds[0]}/deliveries`, bearer)).body,
    (body) => JSON.stringify(body).includes('"delivered"'),
  );
  return {
    url,
    keys: { client: bearer, prometheus: prometheus.bearer, ops: ops.bearer },
    taskIds,
    photoHost: photos.host,
    text,
    series: async () => parseExposition(await text()),
    close: async () => {
      await app.close();
      await Promise.all([photos, openAi, inference].map((server) => server.close()));
      receiver.close();
    },
  };
};
