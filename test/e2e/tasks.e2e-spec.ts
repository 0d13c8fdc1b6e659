import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  type GeneratedImage,
  IMAGE_GENERATOR,
  type ImageGenerationRequest,
  type ImageGenerator,
} from '../../src/providers/image-generator/image-generator.port.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually, getJson, postJson, send } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';

/** Draws only when it is told to; counts how often it was asked and how often it was taken away. */
class HeldGenerator implements ImageGenerator {
  readonly name = 'held';
  readonly model = 'held-1';
  asked = 0;
  aborted = 0;
  private readonly waiting: (() => void)[] = [];

  generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    this.asked += 1;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        this.aborted += 1;
        reject(signal.reason as Error);
      });
      this.waiting.push(() =>
        resolve({ bytes: request.image, calls: [], generator: this.name, warnings: [] }),
      );
    });
  }

  release(): void {
    for (const draw of this.waiting.splice(0)) draw();
  }
}

describe('tasks', () => {
  const generator = new HeldGenerator();
  let photos: PhotoServer;
  let service: RunningApp;

  beforeAll(async () => {
    photos = await startPhotoServer();
    service = await startApp(
      {
        IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
        TASK_CONCURRENCY: '1',
        TASK_QUEUE_LIMIT: '3',
        MAX_WAIT_SECONDS: '1',
      },
      (builder) => builder.overrideProvider(IMAGE_GENERATOR).useValue(generator),
    );
  });
  afterAll(async () => {
    generator.release();
    await service.close();
    await photos.close();
  });

  const create = async (headers = {}): Promise<string> => {
    const { status, body } = await postJson(
      `${service.url}/generated/v1/generate`,
      { image_url: `${photos.url}/desk` },
      headers,
    );
    expect(status).toBe(202);
    return String(body['task_id']);
  };

  const read = async (id: string): Promise<Record<string, unknown>> =>
    (await getJson(`${service.url}/tasks/${id}`)).body;

  const reachStep = (id: string, step: string): Promise<unknown> =>
    eventually(
      () => read(id),
      (task) => (task['progress'] as { step: string }).step === step,
    );

  it('runs one after the other, tells places in the queue, and cancels at once', async () => {
    const running = await create();
    await reachStep(running, 'generate_image');
    const [first, second] = [await create(), await create()];
    expect((await read(first))['progress']).toMatchObject({ queue_position: 1 });
    expect((await read(second))['progress']).toMatchObject({ queue_position: 2 });

    const canceled = await send('POST', `${service.url}/tasks/${first}/cancel`);
    expect([canceled.status, canceled.body['status']]).toEqual([200, 'canceled']);
    expect((await read(second))['progress']).toMatchObject({ queue_position: 1 });

    const before = generator.aborted;
    await send('POST', `${service.url}/tasks/${running}/cancel`);
    await eventually(
      async () => generator.aborted,
      (aborted) => aborted === before + 1,
    );
    expect(await read(running)).toMatchObject({
      status: 'canceled',
      processed_image_url: null,
      products: [],
    });

    await reachStep(second, 'generate_image');
    generator.release();
    await eventually(
      () => read(second),
      (task) => task['status'] === 'succeeded',
    );
  });

  it('says when it is too late to cancel, and takes a repeated cancel', async () => {
    const id = await create();
    await send('POST', `${service.url}/tasks/${id}/cancel`);
    expect((await send('POST', `${service.url}/tasks/${id}/cancel`)).status).toBe(200);

    const done = await create();
    await reachStep(done, 'generate_image');
    generator.release();
    await eventually(
      () => read(done),
      (task) => task['status'] === 'succeeded',
    );
    const { status, body } = await send('POST', `${service.url}/tasks/${done}/cancel`);
    expect([status, body['code']]).toEqual([409, 'task_not_cancelable']);
  });

  it('answers 202 when the wait is over before the result is there', async () => {
    const { status, headers, body } = await postJson(
      `${service.url}/generated/v1/generate`,
      { image_url: `${photos.url}/desk` },
      { Prefer: 'wait=60' },
    );
    expect([status, headers.get('preference-applied')]).toEqual([202, 'wait=1']);
    await send('POST', `${service.url}/tasks/${String(body['task_id'])}/cancel`);
  });

  it('refuses more than the queue holds, and loses nothing', async () => {
    const running = await create();
    await reachStep(running, 'generate_image');
    const waiting = [await create(), await create(), await create()];
    const { status, headers, body } = await postJson(`${service.url}/generated/v1/generate`, {
      image_url: `${photos.url}/desk`,
    });
    expect([status, body['code']]).toEqual([429, 'queue_full']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    for (const id of [running, ...waiting]) {
      await send('POST', `${service.url}/tasks/${id}/cancel`);
    }
  });

  it('deletes an ended task with its images, not a running one', async () => {
    const id = await create();
    await reachStep(id, 'generate_image');
    const early = await send('DELETE', `${service.url}/tasks/${id}`);
    expect([early.status, early.body['code']]).toEqual([409, 'task_running']);
    generator.release();
    const task = await eventually(
      () => read(id),
      ({ status }) => status === 'succeeded',
    );
    expect((await send('DELETE', `${service.url}/tasks/${id}`)).status).toBe(204);
    expect((await getJson(`${service.url}/tasks/${id}`)).status).toBe(404);
    expect((await fetch(String(task['processed_image_url']))).status).toBe(404);
  });

  it('lists newest first, page by page, by state', async () => {
    const ids = [await create(), await create()];
    for (const id of ids) await send('POST', `${service.url}/tasks/${id}/cancel`);
    const url = `${service.url}/tasks?status=canceled&limit=1`;
    const first = await getJson<{ tasks: { task_id: string }[]; next_cursor: string }>(url);
    const second = await getJson<{ tasks: { task_id: string }[] }>(
      `${url}&cursor=${first.body.next_cursor}`,
    );
    expect([first.body.tasks[0]?.task_id, second.body.tasks[0]?.task_id]).toEqual(ids.toReversed());
    expect((await getJson(`${service.url}/tasks?status=lost`)).status).toBe(400);
  });

  it.each(['/tasks/nope', '/tasks/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d'])(
    'answers 404 at %s',
    async (path) => {
      const { status, body } = await getJson(`${service.url}${path}`);
      expect([status, body['code']]).toEqual([404, 'not_found']);
    },
  );
});
