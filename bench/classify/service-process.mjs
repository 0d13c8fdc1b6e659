import { dirname, join } from 'node:path';

import { freePort } from '../../scripts/free-port.mjs';
import { startProgram, stopProgram } from './children.mjs';
import { waitUntilReady } from './http-load.mjs';
import { ROOT } from './paths.mjs';

/** What every bench wants; no setting of the caller's shell changes the result. */
export const BENCH_SETTINGS = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NODE_ENV: 'production',
  AUTH: 'off',
  RATE_LIMITS: 'off',
  LOG_LEVEL: 'silent',
  CLASSIFIER_CACHE_SIZE: '0',
  CLASSIFY_FOLLOW_UP: 'none',
};

/**
 * The built service as a child process, started as `npm start` does, and ready.
 *
 * @param {NodeJS.ProcessEnv} settings
 */
export const startServiceProcess = async (settings) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = startProgram('sh', [join(ROOT, 'scripts/serve.sh')], {
    cwd: ROOT,
    env: {
      ...settings,
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_BASE_URL: url,
      // The node that runs this bench comes first.
      PATH: `${dirname(process.execPath)}:${settings.PATH}`,
    },
  });
  await waitUntilReady(`${url}/health`, child);
  return { url, pid: child.pid, stop: () => stopProgram(child) };
};
