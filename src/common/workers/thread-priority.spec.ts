import { readdir, readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';

import { describe, expect, it } from '@jest/globals';

import { lowerPoolPriority } from './thread-priority.js';
import { resolveWorker } from './worker-url.js';

const NICE = 7;

/** Names of the threads of this process with that nice value. */
const threadsAt = async (nice: number): Promise<string[]> => {
  const names: string[] = [];
  for (const id of await readdir('/proc/self/task')) {
    const name = await readFile(`/proc/self/task/${id}/comm`, 'utf8').catch(() => '');
    if (name !== '' && getPriority(Number(id)) === nice) names.push(name.trim());
  }
  return names;
};

const isLinux = process.platform === 'linux';
if (!isLinux) process.stderr.write('Not tested: threads have nice values on Linux only.\n');

(isLinux ? describe : describe.skip)('thread priorities', () => {
  it('puts the pool that decodes photos behind the thread that answers', async () => {
    const own = getPriority(process.pid);

    await lowerPoolPriority(NICE);

    expect(new Set(await threadsAt(NICE))).toEqual(new Set(['libuv-worker']));
    expect(getPriority(process.pid)).toBe(own);
  });

  it('puts a worker behind the thread that started it, and no other', async () => {
    const own = getPriority(process.pid);
    const { url, execArgv } = resolveWorker('./thread-priority', import.meta.url);
    const worker = new Worker(
      `import('${url.href}').then(({ lowerOwnPriority }) => {
        lowerOwnPriority(${NICE + 1});
        require('node:worker_threads').parentPort.postMessage('lowered');
        setInterval(() => undefined, 1_000);
      });`,
      { eval: true, execArgv, name: 'computes' },
    );
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });

    expect(await threadsAt(NICE + 1)).toHaveLength(1);
    expect(getPriority(process.pid)).toBe(own);
    await worker.terminate();
  });
});
