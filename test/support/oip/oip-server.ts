import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from '../../../scripts/free-port.mjs';

const VERSION = '1.7.1';
const cacheDir =
  process.env['OIP_SERVER_DIR'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'desk-ai');
const BINARY = join(cacheDir, `mlserver-${VERSION}`, 'bin', 'mlserver');
const MODEL = join(import.meta.dirname, 'model');

/** Undefined when there is one, else why there is none. */
export const whyNoOipServer = existsSync(BINARY)
  ? undefined
  : 'no MLServer here: run test/support/oip/install-mlserver.sh';

export interface OipServer {
  readonly url: string;
  close(): Promise<void>;
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/v2/models/desk-redesign/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** MLServer with a model that gives the photo back, on free ports. */
export const startOipServer = async (): Promise<OipServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'desk-ai-oip-'));
  await cp(MODEL, folder, { recursive: true });
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(BINARY, ['start', folder], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      ...process.env,
      MLSERVER_HOST: '127.0.0.1',
      MLSERVER_HTTP_PORT: String(http),
      MLSERVER_GRPC_PORT: String(grpc),
      MLSERVER_METRICS_PORT: String(metrics),
      // Everything in one process, so that ending it ends everything.
      MLSERVER_PARALLEL_WORKERS: '0',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  const url = `http://127.0.0.1:${http}`;
  const close = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill('SIGKILL')) await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 900; tries += 1) {
    if (await isReady(url)) return { url, close };
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await close();
  throw new Error('MLServer does not answer');
};
