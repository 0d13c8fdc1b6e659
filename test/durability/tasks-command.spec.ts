import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, describe, expect, it } from '@jest/globals';

import { eventually } from '../support/http.js';
import { Cluster } from './support/cluster.js';

const COMMAND = join(import.meta.dirname, '..', '..', 'scripts', 'tasks.mjs');
const run = promisify(execFile);

describe('npm run tasks', () => {
  let cluster: Cluster;
  afterEach(() => cluster.stop());

  const tasks = async (...args: string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'], DATA_DIR: cluster.dataDir };
    const { stdout } = await run(process.execPath, [COMMAND, ...args], { env });
    return stdout;
  };

  it('looks into the running service, cancels, tells again and starts anew', async () => {
    cluster = await Cluster.create();
    cluster.standIns.drawMs = 60_000;
    const service = await cluster.start();
    const id = await cluster.submit(service, 1);
    await cluster.drawn(1);
    expect(await tasks('list', '--status', 'running')).toContain(id);
    const shown = JSON.parse(await tasks('show', id)) as { steps: { step: string }[] };
    expect(shown.steps.map(({ step }) => step)).toContain('classify');

    expect(await tasks('cancel', id)).toContain('is canceled');
    await eventually(
      async () => cluster.standIns.hungUpAt,
      (at) => at !== undefined,
    );
    await eventually(
      async () => cluster.toldAbout(id).length,
      (times) => times === 1,
    );
    await expect(tasks('cancel', id)).rejects.toMatchObject({
      stderr: expect.stringContaining('has already ended'),
    });

    await tasks('redeliver', id);
    const told = await eventually(
      async () => cluster.toldAbout(id),
      (all) => all.length === 2,
    );
    expect(new Set(told).size).toBe(1);

    cluster.standIns.drawMs = 10;
    const again = /; (\S+) is a new task/.exec(await tasks('retry', id))?.[1] ?? '';
    expect(await cluster.ended(service, again)).toMatchObject({ status: 'succeeded' });
    await expect(tasks('show', 'nothing')).rejects.toMatchObject({ code: 1 });
  }, 180_000);
});
