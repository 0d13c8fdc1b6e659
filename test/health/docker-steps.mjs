/**
 * Runs the steps of the Dockerfile without an engine: the same COPY and RUN lines, each stage in a
 * folder of its own, as another user than root, and then the service of the last stage in production
 * mode until /health says 200. Usage: node test/health/docker-steps.mjs [--keep]
 *
 * What it cannot show: the base image itself, and that /app is read-only for the service.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';

import { freePort } from '../../scripts/free-port.mjs';

const ROOT = join(import.meta.dirname, '..', '..');
/** `nobody` where this runs as root, else whoever runs it. */
const USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const START_MS = 120_000;

const say = (text) => process.stdout.write(`${text}\n`);

/** Lines that end with a backslash go on; comments may stand in between. */
const parseDockerfile = (text) =>
  text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, instruction, value]) => ({ instruction, value }));

const toPattern = (glob) => {
  const source = glob
    .replaceAll(/[.+^${}()|[\]]/g, String.raw`\$&`)
    .replaceAll('**/', '\u0000')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0000', '(?:.*/)?');
  return new RegExp(`^${source}(?:/.*)?$`);
};

/** The rules of .dockerignore: the last line that matches decides. */
const readIgnoreRules = async () => {
  const lines = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n');
  const rules = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: toPattern(line.replace(/^!/, '')) }));
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.keeps ?? true;
};

const unquoteEnv = (value) =>
  Object.fromEntries([...value.matchAll(/(\w+)=(\S+)/g)].map(([, name, text]) => [name, text]));

/** `/app/x` of a stage is a path below the stage's own folder. */
const locate = (stage, path) =>
  join(stage.folder, path.startsWith('/') ? path : join(stage.workdir, path));

const own = async (path) => {
  if (USER.uid === undefined) return;
  await chown(path, USER.uid, USER.gid);
  if (!(await stat(path)).isDirectory()) return;
  for (const name of await readdir(path)) await own(join(path, name));
};

const copy = async (stage, stages, value, isKept) => {
  const parts = value.split(/\s+/);
  const from = parts.find((part) => part.startsWith('--from='))?.slice('--from='.length);
  const paths = parts.filter((part) => !part.startsWith('--'));
  const target = locate(stage, paths.at(-1));
  for (const source of paths.slice(0, -1)) {
    const path = from ? locate(stages.get(from), source) : join(ROOT, source);
    const isFolder = (await stat(path)).isDirectory();
    const into = paths.at(-1).endsWith('/') && !isFolder ? join(target, basename(source)) : target;
    const filter = from ? undefined : (file) => file === path || isKept(relative(ROOT, file));
    if (!from && !isKept(source)) throw new Error(`.dockerignore keeps ${source} out`);
    await cp(path, into, { recursive: true, filter, verbatimSymlinks: true });
    await own(into);
  }
};

const run = (stage, command, environment) => {
  const startedAt = performance.now();
  execFileSync('/bin/sh', ['-c', command], {
    cwd: join(stage.folder, stage.workdir),
    env: { ...environment, ...stage.environment },
    stdio: ['ignore', 'ignore', 'inherit'],
    ...USER,
  });
  say(`  RUN ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
};

const buildStages = async (base, environment) => {
  const isKept = await readIgnoreRules();
  const stages = new Map();
  let stage;
  for (const { instruction, value } of parseDockerfile(
    await readFile(join(ROOT, 'Dockerfile'), 'utf8'),
  )) {
    if (stage || instruction === 'FROM') say(`${instruction} ${value.slice(0, 110)}`);
    if (instruction === 'FROM') {
      const name = / AS (\S+)$/.exec(value)?.[1] ?? 'final';
      stage = { folder: join(base, name), workdir: '/', environment: {}, args: {}, command: [] };
      stages.set(name, stage);
    } else if (instruction === 'WORKDIR') {
      stage.workdir = value;
      await mkdir(locate(stage, value), { recursive: true });
      await own(stage.folder);
    } else if (instruction === 'ARG') {
      if (stage) Object.assign(stage.args, unquoteEnv(value));
    } else if (instruction === 'ENV') {
      const expanded = value.replace(/\$\{(\w+)\}/g, (_, name) => stage.args[name] ?? '');
      Object.assign(stage.environment, unquoteEnv(expanded));
    } else if (instruction === 'COPY') await copy(stage, stages, value, isKept);
    else if (instruction === 'RUN') run(stage, value, environment);
    else if (instruction === 'CMD') stage.command = JSON.parse(value);
    else if (instruction === 'HEALTHCHECK') stage.probe = JSON.parse(/CMD (.*)$/.exec(value)[1]);
  }
  return stages.get('final');
};

const readRssMb = async (pid) => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024);
};

const settle = async (child, probe) => {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}`);
    if ((await probe()) === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The service did not become ready');
};

const serve = async (stage, environment) => {
  const port = await freePort();
  const key = `desk_${randomBytes(24).toString('base64url')}`;
  const hash = createHash('sha256').update(key).digest('hex');
  const env = {
    ...environment,
    ...stage.environment,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: join(stage.folder, 'data'),
    API_KEYS: `steps:classify+generate+tasks:${hash}`,
    LOG_LEVEL: 'warn',
  };
  const cwd = join(stage.folder, stage.workdir);
  const startedAt = performance.now();
  const child = spawn(stage.command[0], stage.command.slice(1), {
    cwd,
    env,
    stdio: 'inherit',
    ...USER,
  });
  const ask = (path, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
  try {
    await settle(child, () =>
      ask('/health').then(
        (answer) => answer.status,
        () => 0,
      ),
    );
    say(`ready after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
    say(`/health ${JSON.stringify(await (await ask('/health')).json())}`);
    say(
      `/info without a key ${(await ask('/info')).status}, with one ${(await ask('/info', { 'X-API-Key': key })).status}`,
    );
    execFileSync(stage.probe[0], stage.probe.slice(1), { cwd, env, ...USER });
    say('HEALTHCHECK exits with 0');
    say(`RSS ${await readRssMb(child.pid)} MB`);
  } finally {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    say(`exit code after SIGTERM: ${hasEnded ? child.exitCode : await exited}`);
  }
  return env;
};

const main = async () => {
  const base = await mkdtemp(join(tmpdir(), 'desk-ai-docker-'));
  await chmod(base, 0o755);
  await mkdir(join(base, 'home'));
  await own(join(base, 'home'));
  // The base image's node comes first, as there; npm is this machine's.
  await mkdir(join(base, 'bin'));
  await cp(join(ROOT, 'node_modules/node/bin/node'), join(base, 'bin', 'node'), {
    dereference: true,
  });
  const environment = {
    PATH: `${join(base, 'bin')}:${process.env.PATH}`,
    HOME: join(base, 'home'),
  };
  for (const name of [
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'NODE_EXTRA_CA_CERTS',
    'npm_config_registry',
  ]) {
    if (process.env[name]) environment[name] = process.env[name];
  }
  try {
    const stage = await buildStages(base, environment);
    const size = execFileSync(
      'du',
      [
        '-sm',
        ...['node_modules', 'dist', 'assets', 'models'].map((name) =>
          join(stage.folder, 'app', name),
        ),
        stage.folder,
      ],
      { encoding: 'utf8' },
    );
    say(size.replaceAll(base, ''));
    await serve(stage, environment);
  } finally {
    if (process.argv.includes('--keep')) say(`kept: ${base}`);
    else await rm(base, { recursive: true, force: true });
  }
};

await main();
