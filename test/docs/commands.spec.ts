import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { freePort } from '../../scripts/free-port.mjs';
import { eventually } from '../support/http.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';
import { type Command, commandsOf, readPages, ROOT } from './support/pages.js';

const run = promisify(execFile);
const START_MS = 90_000;
const TIMEOUT_MS = 60_000;

/** Commands that are run here as they stand, but for address and folders, and what they have to say. */
const RUN: Readonly<Record<string, RegExp>> = {
  "curl -s localhost:8080/classify -H 'Content-Type: application/json' -d":
    /^\{.*"classify":true,.*"reason":null.*\}$/,
  "curl -s localhost:8080/generated/v1/generate -H 'Content-Type: application/json' -H 'Prefer: wait=20' -d":
    /^\{.*"status":"succeeded".*"concept":"OIL".*\}$/,
  'npm run key -- --name backend --scopes classify,generate,tasks':
    /backend:classify\+generate\+tasks:[0-9a-f]{64}/,
  'npm run --silent key -- --name schemathesis':
    /schemathesis:classify\+generate\+tasks\+metrics:[0-9a-f]{64}/,
  'curl -s -H "Authorization: Bearer $METRICS_KEY" localhost:8080/metrics':
    /^# TYPE \w+ (?:counter|gauge|histogram)$/m,
  'sqlite3 /var/lib/desk-ai/tasks.db': /^$/,
};

/** Commands that other tests run: each names the test. */
const TESTED_BY: Readonly<Record<string, string>> = {
  'npm ci && npm run demo': 'test/e2e/demo.e2e-spec.ts',
  'npm run demo -- my-desk.jpg': 'test/e2e/demo.e2e-spec.ts',
  'npx @hey-api/openapi-ts': 'test/clients/clients.spec.ts',
  'mvn --batch-mode compile': 'test/clients/clients.spec.ts',
  'MOCK_SCENARIOS=on npm start': 'test/mock-scenarios/scenarios.e2e-spec.ts',
  'NODE_ENV=production': 'test/gateway/startup.spec.ts',
};

/** Commands that cannot be run here, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  'npm ci && npm test': 'runs this test',
  'npm run check': 'runs this test',
  'npm run --silent build': 'has been run before this test, and would replace what others test',
  'npm start': 'builds, then does what this test starts its service by',
  'npm run bench:': 'takes minutes on an idle machine',
  'gcloud ': 'needs a project at Google Cloud',
  'for name in API_KEYS DATABASE_URL': 'needs a project at Google Cloud',
  SHUTDOWN_NOTICE_MS: 'is a line of a file of settings; pages.spec.ts checks its name',
  SHUTDOWN_TIMEOUT_MS: 'is a line of a file of settings; pages.spec.ts checks its name',
  'install -d -m 700 /etc/desk-ai': 'needs root',
  'rsync -a /var/lib/desk-ai/images': 'copies folders of the machine in production',
  'python3 -m venv': 'downloads a tool that is not part of the project',
  'API_KEYS="$ENTRY" RATE_LIMITS=off': 'belongs to the tool above',
  '/tmp/schemathesis/bin/schemathesis': 'belongs to the tool above',
};

/** A page whose commands belong together: another test walks through it. */
const WALKED_BY: Readonly<Record<string, string>> = {
  'docs/walkthrough.md': 'test/docs/walkthrough.spec.ts',
};

const commands = readPages()
  .filter(({ path }) => !(path in WALKED_BY))
  .flatMap(commandsOf);
const LISTS = [RUN, TESTED_BY, NOT_HERE];

/** `npm start` is not the start of `npm start-something`. */
const isBy =
  (prefix: string) =>
  ({ text }: Command): boolean =>
    text.startsWith(prefix) && !/^[\w-]/.test(/\w$/.test(prefix) ? text.slice(prefix.length) : '');

const prefixesOf = (command: Command): string[] =>
  LISTS.flatMap(Object.keys).filter((prefix) => isBy(prefix)(command));

describe('the commands of README and docs', () => {
  it('are all known: run here, run by another test, or excused', () => {
    expect(commands.length).toBeGreaterThan(20);
    const strangers = commands.filter((command) => prefixesOf(command).length !== 1);
    expect(strangers).toEqual([]);
  });

  it('are all still there', () => {
    const gone = LISTS.flatMap(Object.keys).filter((prefix) => !commands.some(isBy(prefix)));
    expect(gone).toEqual([]);
    const tests = [...Object.values(TESTED_BY), ...Object.values(WALKED_BY)];
    expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

const toolOf = ({ text }: Command): string => text.split(' ')[0] ?? '';
const hasTool = (tool: string): boolean =>
  spawnSync('bash', ['-c', 'command -v "$1"', 'bash', tool]).status === 0;

describe('a command of the documentation', () => {
  let photos: PhotoServer;
  let folder: string;
  let port: number;
  let stop: () => Promise<void>;

  /** The service as README starts it in production, with nothing set but where it is. */
  beforeAll(async () => {
    photos = await startPhotoServer();
    folder = await mkdtemp(join(tmpdir(), 'desk-ai-commands-'));
    await mkdir(join(folder, 'backup'));
    port = await freePort();
    const child = spawn('npm', ['run', '--silent', 'start:prod'], {
      cwd: ROOT,
      detached: true,
      stdio: 'ignore',
      env: {
        ...process.env,
        NODE_ENV: 'development',
        PORT: String(port),
        DATA_DIR: join(folder, 'data'),
        LOG_LEVEL: 'silent',
        IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
        // Which photo the model takes for a desk is tested elsewhere.
        CLASSIFIER_THRESHOLD: '0.15',
      },
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    stop = async () => {
      // The group: npm starts a shell that starts the service.
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await ended;
    };
    await eventually(
      () =>
        fetch(`http://localhost:${port}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      (isReady) => isReady || child.exitCode !== null,
      START_MS,
    );
  }, START_MS);
  afterAll(async () => {
    await stop();
    await photos.close();
    await rm(folder, { recursive: true, force: true });
  });

  const toHere = (text: string): string =>
    text
      .replaceAll('localhost:8080', `localhost:${port}`)
      .replaceAll('https://example.com/desk.jpg', `${photos.url}/desk`)
      .replaceAll('/var/lib/desk-ai', join(folder, 'data'))
      .replaceAll('/backup/', `${join(folder, 'backup')}/`);

  for (const [prefix, answer] of Object.entries(RUN)) {
    for (const command of commands.filter(isBy(prefix))) {
      const title = `of ${command.page} does what it says: ${command.text}`;
      const tool = toolOf(command);
      const isHere = hasTool(tool);
      if (!isHere) process.stdout.write(`Not run, ${tool} is not installed: ${command.text}\n`);
      (isHere ? it : it.skip)(
        title,
        async () => {
          const { stdout } = await run('bash', ['-ec', toHere(command.text)], {
            cwd: ROOT,
            env: { ...process.env, METRICS_KEY: 'desk_none' },
          });
          expect(stdout.trim()).toMatch(answer);
        },
        TIMEOUT_MS,
      );
    }
  }
});
