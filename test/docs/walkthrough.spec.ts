import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { freePort } from '../../scripts/free-port.mjs';
import { eventually } from '../support/http.js';
import { blocksOf, ROOT } from './support/pages.js';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

const page = await readFile(join(ROOT, 'docs', 'walkthrough.md'), 'utf8');
/** The part that ends with the callback: what comes before is run by other tests. */
const part = page.slice(page.indexOf('## A signed callback'));

const [typescript = ''] = blocksOf(part, new Set(['ts']));
const [java = ''] = blocksOf(part, new Set(['java']));
const [takeCode = '', startTypeScript = '', startJava = '', startService = '', ask = ''] = blocksOf(
  part,
  new Set(['sh']),
);

const hasJava = spawnSync('javac', ['-version']).status === 0;
if (!hasJava) process.stdout.write('The Java half of docs/walkthrough.md is left out: no JDK.\n');

describe('the walk of docs/walkthrough.md', () => {
  let folder: string;
  let toHere: (text: string) => string;
  let running: ChildProcess[];
  let receiverPort: number;
  let servicePort: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desk-ai-walk-'));
    [receiverPort, servicePort] = [await freePort(), await freePort()];
    running = [];
    toHere = (text) =>
      text
        .replaceAll('../desk-walk', folder)
        .replaceAll('9000', String(receiverPort))
        .replaceAll('8080', String(servicePort))
        // Its build has been made, and is in use by other tests.
        .replaceAll('npm start', 'npm run --silent start:prod');
  });
  afterEach(async () => {
    for (const { pid, exitCode } of running) {
      if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL');
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Commands in the background, like the terminal of a person: in a group of their own. */
  const inTerminal = (script: string): (() => string) => {
    const terminal = spawn('bash', ['-c', `${toHere(script)}\nwait`], {
      cwd: ROOT,
      detached: true,
      env: {
        ...process.env,
        NODE_ENV: 'development',
        PORT: String(servicePort),
        DATA_DIR: join(folder, 'data'),
        LOG_LEVEL: 'error',
        CLASSIFIER_THRESHOLD: '0.15',
      },
    });
    running.push(terminal);
    let said = '';
    for (const stream of [terminal.stdout, terminal.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    }
    return () => said;
  };

  const walk = async (startReceiver: string): Promise<string[]> => {
    await run('bash', ['-ec', toHere(takeCode)], { cwd: ROOT });
    await writeFile(join(folder, 'receiver.mts'), toHere(typescript));
    await writeFile(join(folder, 'Receiver.java'), toHere(java));
    const said = inTerminal(startReceiver + startService);
    const isUp = (port: number) =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        ({ status }) => status === 200 || status === 401,
        () => false,
      );
    for (const port of [receiverPort, servicePort]) {
      await eventually(
        () => isUp(port),
        (isThere) => isThere,
        60_000,
      );
    }
    await run('bash', ['-ec', toHere(ask)], { cwd: ROOT });
    await eventually(
      async () => said(),
      (text) => text.includes('genuine'),
      30_000,
    );
    return said().trim().split('\n');
  };

  it(
    'ends with a callback that the TypeScript code of docs/callbacks.md has checked',
    async () => {
      const lines = await walk(startTypeScript);
      // One was the question whether it is up.
      expect(lines.filter((line) => line === 'refused')).toHaveLength(2);
      expect(lines.at(-1)).toMatch(
        new RegExp(
          `^genuine succeeded http://localhost:${servicePort}/images/[0-9a-f-]{36}\\.jpg$`,
        ),
      );
    },
    TIMEOUT_MS,
  );

  (hasJava ? it : it.skip)(
    'ends with a callback that the Java code of docs/callbacks.md has checked',
    async () => {
      // The secret is made in the block of the other receiver.
      const [secret = ''] = startTypeScript.split('\n');
      const lines = await walk(`${secret}\n${startJava}`);
      expect(lines.filter((line) => line === 'refused')).toHaveLength(2);
      expect(lines.at(-1)).toMatch(/^genuine \{"task_id":.*"status":"succeeded".*\}$/);
    },
    TIMEOUT_MS,
  );
});
