/**
 * Prints where promtool is. When it is missing, it is taken out of Debian's package `prometheus`,
 * which is not installed: the package would start a server. Used by test/metrics.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache', 'promtool');
const TIMEOUT_MS = 300_000;

const find = () =>
  [
    process.env.PROMTOOL_PATH,
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'promtool')),
    join(CACHE, 'promtool'),
  ].find((path) => path && existsSync(path));

const call = (program, parameters, cwd) =>
  execFileSync(program, parameters, {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });

const download = (folder) => {
  try {
    call('apt-get', ['download', '-qq', 'prometheus'], folder);
  } catch {
    // The lists may be missing or old.
    call('apt-get', ['update', '-qq'], folder);
    call('apt-get', ['download', '-qq', 'prometheus'], folder);
  }
};

const fetchPromtool = () => {
  if (!existsSync('/usr/bin/apt-get')) throw new Error('there is no apt-get here');
  const folder = mkdtempSync(join(tmpdir(), 'desk-ai-promtool-'));
  try {
    download(folder);
    const file = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (!file) throw new Error('the package could not be downloaded');
    call('dpkg-deb', ['-x', file, 'files'], folder);
    mkdirSync(CACHE, { recursive: true });
    // Beside its place first: a rename is all or nothing, a copy is not.
    const part = join(CACHE, `promtool-${process.pid}`);
    call('cp', [join(folder, 'files/usr/bin/promtool'), part], folder);
    renameSync(part, join(CACHE, 'promtool'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

try {
  if (!find()) fetchPromtool();
  process.stdout.write(find());
} catch (error) {
  process.stderr.write(
    `promtool is missing and could not be fetched: ${error.message.split('\n')[0]}. ` +
      "Install Debian's package `prometheus` or set PROMTOOL_PATH.\n",
  );
  process.exitCode = 1;
}
