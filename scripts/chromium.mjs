// Prints where Chromium is; installs Debian's package when it is missing and we may. Used by test/playground.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CANDIDATES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const PACKAGES = ['chromium', 'fonts-noto-cjk'];

const find = () => CANDIDATES.find((path) => path && existsSync(path));

const apt = (...parameters) =>
  execFileSync('apt-get', parameters, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });

const install = () => {
  if (process.getuid?.() !== 0) throw new Error('it is installed by root only');
  if (!existsSync('/usr/bin/apt-get')) throw new Error('there is no apt-get here');
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...PACKAGES);
};

try {
  if (!find()) install();
  const path = find();
  if (!path) throw new Error('it was installed and cannot be found');
  process.stdout.write(path);
} catch (error) {
  process.stderr.write(
    `Chromium is missing and could not be installed: ${error.message}. ` +
      `Run \`apt-get install -y ${PACKAGES.join(' ')}\` or set CHROMIUM_PATH.\n`,
  );
  process.exitCode = 1;
}
