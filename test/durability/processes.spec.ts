import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';

import { eventually, postJson } from '../support/http.js';
import { Cluster } from './support/cluster.js';
import { TestPostgres } from './support/databases.js';
import { type ServiceProcess } from './support/service.js';
import { type Call } from './support/stand-ins.js';

const TIMEOUT_MS = 180_000;
/** Promised is a second, on any process; three processes and a database share two cores here. */
const CANCEL_MS = 3_000;

/** Reads a stream of events to its end. */
const eventsOf = async (url: string, lastEventId?: string): Promise<string[]> => {
  const response = await fetch(url, {
    headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
  });
  return (await response.text())
    .split('\n\n')
    .filter((block) => block.startsWith('id:'))
    .map((block) => block.replaceAll('\n', ' ').slice(0, 60));
};

describe('several processes on PostgreSQL', () => {
  const postgres = new TestPostgres();
  let databaseUrl: string;
  let cluster: Cluster;

  beforeAll(async () => {
    databaseUrl = await postgres.create();
  }, TIMEOUT_MS);
  beforeEach(async () => {
    cluster = await Cluster.create({ DATABASE_URL: databaseUrl, TASK_LEASE_MS: '2000' });
  });
  afterEach(() => cluster.stop());
  afterAll(() => postgres.end());

  const startBoth = async (): Promise<[ServiceProcess, ServiceProcess]> =>
    Promise.all([cluster.start({ ROLE: 'api' }), cluster.start({ ROLE: 'worker' })]);

  it(
    'runs on the worker what the api process took, and tells it there',
    async () => {
      const [api] = await startBoth();
      const answer = await postJson<{ task_id: string; status: string }>(
        `${api.url}/generated/v2/generate`,
        { image_url: cluster.standIns.photoUrl(1) },
        { Prefer: 'wait=25' },
      );
      expect(answer).toMatchObject({ status: 200, body: { status: 'succeeded' } });
      const id = answer.body.task_id;
      const all = await eventsOf(`${api.url}/tasks/${id}/events`);
      expect(all[0]).toContain('event: queued');
      expect(all.at(-1)).toContain('event: ended');
      const resumed = await eventsOf(`${api.url}/tasks/${id}/events`, '3');
      expect(resumed).toEqual(all.slice(3));
      await eventually(
        async () => cluster.toldAbout(id),
        (told) => told.length === 1,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'follows a task live and cancels it on another process, whose call is aborted',
    async () => {
      const [api, worker] = await startBoth();
      cluster.standIns.drawMs = 60_000;
      const id = await cluster.submit(api, 2);
      const following = eventsOf(`${api.url}/tasks/${id}/events`);
      await cluster.drawn(1);
      const canceledAt = Date.now();
      const canceled = await postJson(`${api.url}/tasks/${id}/cancel`, {});
      expect(canceled).toMatchObject({ status: 200, body: { status: 'canceled' } });
      expect((await following).at(-1)).toContain('event: ended');
      const hungUpAt = await eventually(
        async () => cluster.standIns.hungUpAt,
        (at) => at !== undefined && at >= canceledAt,
      );
      expect((hungUpAt ?? Infinity) - canceledAt).toBeLessThanOrEqual(CANCEL_MS);
      expect(worker.isRunning).toBe(true);
      expect(
        await eventually(
          async () => cluster.toldAbout(id),
          (told) => told.length > 0,
        ),
      ).toEqual([expect.stringContaining('canceled')]);
      const again = await postJson(`${api.url}/tasks/${id}/cancel`, {});
      expect(again.status).toBe(200);
    },
    TIMEOUT_MS,
  );

  it(
    'goes on elsewhere when a worker is paused, and refuses what that one brings later',
    async () => {
      const [api, paused] = await startBoth();
      cluster.standIns.drawMs = 1_500;
      const id = await cluster.submit(api, 3);
      await cluster.drawn(1);
      paused.signal('SIGSTOP');
      const other = await cluster.start({ ROLE: 'worker' });
      expect(await cluster.ended(api, id)).toMatchObject({ status: 'succeeded' });
      await eventually(
        async () => cluster.toldAbout(id),
        (told) => told.length > 0,
      );
      paused.signal('SIGCONT');
      // It is alive again when it does the next task.
      await other.kill();
      const next = await cluster.submit(api, 4);
      expect(await cluster.ended(api, next)).toMatchObject({ status: 'succeeded' });
      expect(cluster.toldAbout(id)).toHaveLength(1);
      const client = new Client({ connectionString: databaseUrl });
      await client.connect();
      const { rows } = await client.query(
        `select step, count(*)::int as done from steps where task_id = $1 group by step having count(*) > 1`,
        [id],
      );
      await client.end();
      expect(rows).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'hands a running task back at SIGTERM, and another worker goes on at once',
    async () => {
      const [api, first] = await startBoth();
      cluster.standIns.drawMs = 4_000;
      const id = await cluster.submit(api, 5);
      await cluster.drawn(1);
      const second = await cluster.start({ ROLE: 'worker' });
      await first.kill('SIGTERM');
      expect(await cluster.ended(api, id)).toMatchObject({ status: 'succeeded' });
      expect(second.isRunning).toBe(true);
      await eventually(
        async () => cluster.toldAbout(id),
        (told) => told.length === 1,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'sets a task aside that kills its worker three times, and others go on',
    async () => {
      const api = await cluster.start({ ROLE: 'api' });
      cluster.standIns.drawMs = 1_500;
      const poison = await cluster.submit(api, 666);
      let worker = await cluster.start({ ROLE: 'worker' });
      await cluster.drawn(1);
      const drawings = (): readonly Call[] =>
        cluster.standIns.calls.filter((call) => call.what === 'draw');
      const photo = drawings()[0]?.who;
      const drawingsOf = (who: string | undefined): number =>
        drawings().filter((call) => call.who === who).length;
      const innocent = await cluster.submit(api, 7);
      let deaths = 0;
      // The stand-in of a crash: whoever draws for this task dies. Claims under which another step
      // was finished do not count, so that it takes a few more than three.
      for (;;) {
        const { status } = await eventually(
          () => cluster.read(api, poison),
          (task) => task.status === 'failed' || drawingsOf(photo) > deaths,
          60_000,
        );
        if (status === 'failed') break;
        await worker.kill();
        deaths += 1;
        worker = await cluster.start({ ROLE: 'worker' });
      }
      expect(deaths).toBeLessThan(7);
      expect(await cluster.ended(api, poison)).toMatchObject({
        status: 'failed',
        error: { code: 'internal_error' },
      });
      expect(await cluster.ended(api, innocent)).toMatchObject({ status: 'succeeded' });
      await eventually(
        async () => cluster.toldAbout(poison),
        (told) => told.length === 1,
      );
    },
    TIMEOUT_MS,
  );
});
