/**
 * A PostgreSQL of its own for tests and benchmarks: a fresh cluster in a temporary folder, on a
 * spare loopback port, run by a user who is not root. Debian's `postgresql` is installed if missing.
 *
 *   node scripts/postgres.mjs        starts one, prints its URL, stops it at Ctrl+C
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { freePort } from './free-port.mjs';

const run = promisify(execFile);
const DEBIAN_ROOT = '/usr/lib/postgresql';
const INSTALL_TIMEOUT_MS = 300_000;

const isRoot = process.getuid?.() === 0;

const findPrograms = () => {
  const debian = existsSync(DEBIAN_ROOT)
    ? readdirSync(DEBIAN_ROOT)
        .toSorted((a, b) => Number(b) - Number(a))
        .map((version) => join(DEBIAN_ROOT, version, 'bin'))
    : [];
  const folders = [...debian, ...(process.env.PATH ?? '').split(delimiter)];
  return folders.find((folder) =>
    ['initdb', 'pg_ctl', 'postgres'].every((name) => existsSync(join(folder, name))),
  );
};

const install = () => {
  if (!isRoot) throw new Error('PostgreSQL is missing; install the Debian package postgresql');
  const options = { stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS };
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update'], { ...options, env: environment });
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], {
    ...options,
    env: environment,
  });
};

/** PostgreSQL refuses to run as root. */
const findOwner = () => {
  if (!isRoot) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }).trim());
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // The next one may exist.
    }
  }
  throw new Error('There is no user that PostgreSQL could run as');
};

/**
 * @param {{ fsync?: boolean }} options `fsync: false` is enough where only processes are killed
 */
export const startPostgres = async ({ fsync = true } = {}) => {
  if (!findPrograms()) install();
  const programs = findPrograms();
  if (!programs) throw new Error('PostgreSQL could not be installed');
  const owner = findOwner();
  const root = await mkdtemp(join(tmpdir(), 'desk-ai-postgres-'));
  if (owner.uid !== undefined) await chown(root, owner.uid, owner.gid);
  await chmod(root, 0o700);
  const data = join(root, 'data');
  const port = await freePort();
  const options = { ...owner, cwd: root, env: { ...process.env, LC_ALL: 'C', HOME: root } };
  const call = (program, ...args) => run(join(programs, program), args, options);

  await call('initdb', '-D', data, '-U', 'desk', '-A', 'trust', '-E', 'UTF8', '--no-sync');
  const settings = [
    `-p ${port} -h 127.0.0.1 -k ${root}`,
    `-c fsync=${fsync ? 'on' : 'off'} -c max_connections=300 -c log_min_messages=fatal`,
  ].join(' ');
  const start = () =>
    call('pg_ctl', '-D', data, '-w', '-t', '60', '-l', join(root, 'log'), '-o', settings, 'start');
  const halt = (mode) => call('pg_ctl', '-D', data, '-w', '-t', '60', '-m', mode, 'stop');
  await start();
  const urlOf = (database) => `postgresql://desk@127.0.0.1:${port}/${database}`;
  return {
    url: urlOf('postgres'),
    urlOf,
    start,
    /** Of the process that all others are children of. */
    pid: async () => Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10),
    /** `immediate` is a crash, `fast` cuts every connection. */
    halt,
    stop: async () => {
      await halt('immediate').catch(() => undefined);
      await rm(root, { recursive: true, force: true });
    },
  };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await startPostgres();
  console.log(server.url);
  const stop = async () => {
    await server.stop();
    process.exit(0);
  };
  process.once('SIGINT', () => void stop());
  process.once('SIGTERM', () => void stop());
  setInterval(() => undefined, 60_000);
}
