import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import {
  type GeneratedImage,
  IMAGE_GENERATOR,
  type ImageGenerationRequest,
  type ImageGenerator,
} from '../../src/providers/image-generator/image-generator.port.js';
import { TaskEngine } from '../../src/tasks/task-engine.js';
import { type TaskStore } from '../../src/tasks/task-store.port.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually, postJson, send } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';
import { EventListener, upTo } from './support/event-listener.js';
import { ImpatientProxy } from './support/impatient-proxy.js';

const TIMEOUT_MS = 120_000;
/** A fifth of the real pair, the heartbeat's 15 s and a proxy's 25 s. */
const HEARTBEAT_S = 3;
const PROXY_IDLE_MS = 5_000;
const LISTENERS = 200;
/** The feed's own interval, in milliseconds. */
const POLL_MS = 300;

/** Draws only when it is told to. */
class HeldGenerator implements ImageGenerator {
  readonly name = 'held';
  readonly model = 'held-1';
  private readonly waiting: (() => void)[] = [];

  generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      this.waiting.push(() =>
        resolve({ bytes: request.image, calls: [], generator: this.name, warnings: [] }),
      );
    });
  }

  get isAsked(): boolean {
    return this.waiting.length > 0;
  }

  release(): void {
    for (const draw of this.waiting.splice(0)) draw();
  }
}

describe('streams of events', () => {
  const generator = new HeldGenerator();
  let photos: PhotoServer;
  let service: RunningApp;
  let store: TaskStore;

  beforeAll(async () => {
    photos = await startPhotoServer();
    service = await startApp(
      {
        IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
        TASK_CONCURRENCY: '1',
        TASK_EVENTS_HEARTBEAT_SECONDS: String(HEARTBEAT_S),
        // A second crowd fits in only when the first has gone.
        MAX_CONNECTIONS: String(LISTENERS + 50),
      },
      (builder) => builder.overrideProvider(IMAGE_GENERATOR).useValue(generator),
    );
    store = service.app.get(TaskEngine).store;
  }, TIMEOUT_MS);
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    generator.release();
    await service.close();
    await photos.close();
  });

  const create = async (): Promise<string> => {
    const { status, body } = await postJson(`${service.url}/generated/v1/generate`, {
      image_url: `${photos.url}/desk`,
    });
    expect(status).toBe(202);
    return String(body['task_id']);
  };

  /** A task that stands still in the middle of its work. */
  const createHeld = async (): Promise<string> => {
    const id = await create();
    await eventually(
      async () => generator.isAsked,
      (is) => is,
      60_000,
    );
    return id;
  };

  const cancel = (id: string): Promise<unknown> =>
    send('POST', `${service.url}/tasks/${id}/cancel`);
  const eventsOf = (id: string, base = service.url): string => `${base}/tasks/${id}/events`;
  const listen = (id: string): Promise<EventListener> => EventListener.open(eventsOf(id));
  const crowd = (ids: readonly string[], count: number): Promise<EventListener[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => listen(ids[index % ids.length] ?? '')));

  it(
    'ask the store once for all listeners, who get every event in order',
    async () => {
      const running = await createHeld();
      const waiting = await Promise.all(Array.from({ length: 20 }, create));
      const together = await crowd([running], LISTENERS / 2);
      const apart = await crowd(waiting, LISTENERS / 2);
      const soFar = (await store.events(running, 0)).length;
      await Promise.all(together.map((listener) => listener.heard(soFar)));
      await Promise.all(apart.map((listener) => listener.heard(1)));
      // The first look of the feed at a task counts as news; let it pass.
      await sleep(3 * POLL_MS);

      const polls = jest.spyOn(store, 'lastSeqs');
      const finds = jest.spyOn(store, 'find');
      const reads = jest.spyOn(store, 'events');
      const startedAt = performance.now();
      await sleep(2_000);
      const turns = (performance.now() - startedAt) / POLL_MS;
      expect(polls.mock.calls.length).toBeGreaterThan(0);
      expect(polls.mock.calls.length).toBeLessThanOrEqual(turns + 1);
      expect([finds.mock.calls.length, reads.mock.calls.length]).toEqual([0, 0]);

      for (const id of waiting) await cancel(id);
      generator.release();
      const everybody = [...together, ...apart];
      await Promise.all(everybody.map((listener) => listener.over(60_000)));
      const count = (await store.events(running, 0)).length;
      for (const listener of together) expect(listener.ids).toEqual(upTo(count));
      for (const listener of apart) expect(listener.ids).toEqual([1, 2]);
      for (const listener of everybody) expect(listener.events.at(-1)?.type).toBe('ended');
      // Those who listen to the same task are told from one reading; a poll may make it two.
      const read = reads.mock.calls.length;
      expect(read).toBeLessThanOrEqual(2 * (count - soFar + waiting.length) + 2);
    },
    TIMEOUT_MS,
  );

  it(
    'cost nothing any more when their listeners have gone, and leave room for others',
    async () => {
      const running = await createHeld();
      const polls = jest.spyOn(store, 'lastSeqs');
      for (const listener of await crowd([running], LISTENERS)) listener.leave();
      await eventually(
        async () => {
          const before = polls.mock.calls.length;
          await sleep(4 * POLL_MS);
          return polls.mock.calls.length - before;
        },
        (asked) => asked === 0,
      );
      const others = await crowd([running], LISTENERS);
      generator.release();
      await Promise.all(others.map((listener) => listener.over(60_000)));
      for (const listener of others) expect(listener.events.at(-1)?.type).toBe('ended');
    },
    TIMEOUT_MS,
  );

  it(
    'stay open behind a proxy that cuts silent connections',
    async () => {
      const proxy = await ImpatientProxy.start(service.url, PROXY_IDLE_MS);
      try {
        const id = await createHeld();
        const listener = await EventListener.open(eventsOf(id, proxy.url));
        await sleep(2 * PROXY_IDLE_MS + 1_000);
        expect({ cuts: proxy.cuts, isOver: listener.isOver }).toEqual({ cuts: 0, isOver: false });
        expect(listener.comments).toContain('keep-alive');
        generator.release();
        await listener.over();
        expect(listener.ids).toEqual(upTo((await store.events(id, 0)).length));
      } finally {
        proxy.close();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'are taken up after each cut, with no event twice and none lost',
    async () => {
      const proxy = await ImpatientProxy.start(service.url, PROXY_IDLE_MS);
      try {
        const id = await create();
        const heard: number[] = [];
        const types: string[] = [];
        let connections = 0;
        while (types.at(-1) !== 'ended') {
          const listener = await EventListener.open(eventsOf(id, proxy.url), heard.at(-1) ?? 0);
          connections += 1;
          await eventually(
            async () => {
              // Not before the first cut, so that there is something left to hear.
              if (connections > 1) generator.release();
              return listener.events.length > 0 || listener.isOver;
            },
            (is) => is,
          );
          proxy.cut();
          await listener.over();
          heard.push(...listener.ids);
          types.push(...listener.events.map(({ type }) => type));
        }
        expect(connections).toBeGreaterThan(1);
        expect(heard).toEqual(upTo((await store.events(id, 0)).length));
      } finally {
        proxy.close();
      }
    },
    TIMEOUT_MS,
  );
});
