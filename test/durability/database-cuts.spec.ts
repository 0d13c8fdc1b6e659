import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';

import { type PostgresServer } from '../../scripts/postgres.mjs';
import { eventually } from '../support/http.js';
import { Cluster } from './support/cluster.js';
import { TestPostgres } from './support/databases.js';
import { type ServiceProcess } from './support/service.js';

const TIMEOUT_MS = 240_000;
const TASKS = process.env['CHAOS'] === 'long' ? 60 : 8;

/** Ends every connection of the service, again and again. */
const cutConnections = async (url: string, times: number): Promise<void> => {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  for (let cut = 0; cut < times; cut++) {
    await sleep(300);
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name like 'desk-ai%' and random() < 0.5`,
    );
  }
  await admin.end();
};

describe('the database goes away in the middle of the work', () => {
  const postgres = new TestPostgres();
  let cluster: Cluster;
  afterEach(() => cluster.stop());
  afterAll(() => postgres.end());

  const submitAll = async (service: ServiceProcess): Promise<string[]> => {
    const ids: string[] = [];
    for (let photo = 1; photo <= TASKS; photo++) {
      const answer = await eventually(
        () => cluster.trySubmit(service, photo),
        ({ status }) => status === 202,
        60_000,
      );
      ids.push(answer.body.task_id);
    }
    return ids;
  };

  /** How each task ended, once every one of them has been told. */
  const outcomes = async (service: ServiceProcess, ids: readonly string[]): Promise<string[]> => {
    const statuses: string[] = [];
    for (const id of ids) {
      statuses.push((await cluster.ended(service, id)).status);
      await eventually(
        async () => new Set(cluster.toldAbout(id)).size,
        (size) => size === 1,
      );
    }
    return statuses;
  };

  /** No process was killed, so every drawing is asked for once. */
  const repeatedDrawings = (): number => {
    const drawings = cluster.standIns.calls.filter((call) => call.what === 'draw');
    return drawings.length - new Set(drawings.map((call) => call.who)).size;
  };
  const allSucceeded = Array.from({ length: TASKS }, () => 'succeeded');

  it(
    'fails no task and pays nothing twice when connections are cut at random',
    async () => {
      const url = await postgres.create();
      cluster = await Cluster.create({ DATABASE_URL: url });
      const service = await cluster.start();
      const cutting = cutConnections(url, TASKS * 2);
      const ids = await submitAll(service);
      await cutting;
      expect(await outcomes(service, ids)).toEqual(allSucceeded);
      expect(repeatedDrawings()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'answers 503 with Retry-After while PostgreSQL is down and goes on when it is back',
    async () => {
      const url = await postgres.create();
      const server: PostgresServer = await postgres.own();
      cluster = await Cluster.create({ DATABASE_URL: url });
      cluster.standIns.drawMs = 2_000;
      const service = await cluster.start();
      const ids = await submitAll(service);
      await cluster.drawn(1);
      await server.halt('immediate');
      const refused = await fetch(`${service.url}/tasks/${ids[0]}`);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused.json()).toMatchObject({ code: 'provider_unavailable' });
      expect(await cluster.trySubmit(service, 99)).toMatchObject({ status: 503 });
      await sleep(4_000);
      await server.start();
      expect(await outcomes(service, ids)).toEqual(allSucceeded);
      expect(repeatedDrawings()).toBe(0);
    },
    TIMEOUT_MS,
  );
});
