import { afterAll, describe, expect, it } from '@jest/globals';

import { TestPostgres } from './support/databases.js';
import { type KillLoopReport, runKillLoop } from './support/kill-loop.js';

/** `npm run chaos`: a hundred kills for each store. */
const IS_LONG = process.env['CHAOS'] === 'long';
const TIMEOUT_MS = IS_LONG ? 3_600_000 : 300_000;
const TASKS = IS_LONG ? 150 : 8;
const LOOP = {
  kills: IS_LONG ? 100 : 4,
  tasks: TASKS,
  betweenKillsMs: [500, 3_500],
  createEveryMs: IS_LONG ? 3_000 : 700,
  drawMs: 1_000,
} as const;

const NOTHING_LOST = {
  tasks: TASKS,
  byStatus: { succeeded: TASKS },
  unended: [],
  repeatedSteps: [],
  endedEvents: [],
  callbackIds: [],
  untold: [],
  orphanedImages: [],
};

/** Printed as well, for whoever reads the run. */
const printed = (report: KillLoopReport): KillLoopReport => {
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report;
};

describe('killing the service again and again', () => {
  const postgres = new TestPostgres();
  afterAll(() => postgres.end());

  it(
    'loses, repeats and doubles nothing with the embedded store',
    async () => {
      const report = await runKillLoop({
        databaseUrl: undefined,
        workers: 1,
        ...LOOP,
      });
      expect(printed(report)).toMatchObject(NOTHING_LOST);
    },
    TIMEOUT_MS,
  );

  it(
    'loses, repeats and doubles nothing with PostgreSQL and several workers',
    async () => {
      const report = await runKillLoop({
        databaseUrl: await postgres.create(),
        workers: IS_LONG ? 3 : 2,
        ...LOOP,
      });
      expect(printed(report)).toMatchObject(NOTHING_LOST);
    },
    TIMEOUT_MS,
  );
});
