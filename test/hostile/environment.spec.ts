import { execFile } from 'node:child_process';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { selfSigned } from './support/self-signed.js';
import { listen, listenEverywhere, listenHttp, type Upstream } from './support/upstream.js';

const SCRIPT = join(process.cwd(), 'test/hostile/support/download.mjs');

const download = async (url: string, env: Record<string, string>): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', SCRIPT, url], {
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  return stdout;
};

describe('environment variables that loosen other clients', () => {
  let proxy: Upstream;
  let plain: Upstream;
  let secure: Upstream;

  beforeAll(async () => {
    proxy = await listenEverywhere();
    plain = await listenHttp((_request, response) => response.end('direct'));
    const server = createServer(selfSigned('photos.test'), (_request, response) => response.end());
    secure = await listen(server);
  });

  afterAll(async () => {
    await Promise.all([proxy.close(), plain.close(), secure.close()]);
  });

  it('sends nothing through a proxy', async () => {
    const address = `http://127.0.0.1:${proxy.port}`;
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'];
    const env = Object.fromEntries(names.map((name) => [name, address]));

    const text = await download(`http://photos.test:${plain.port}/`, {
      ...env,
      NODE_USE_ENV_PROXY: '1',
    });

    expect(text).toBe('direct');
    expect(proxy.connections()).toBe(0);
  });

  it('refuses an untrusted certificate although NODE_TLS_REJECT_UNAUTHORIZED is 0', async () => {
    const outcome = await download(`https://photos.test:${secure.port}/`, {
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    });

    expect(outcome).toBe('tls_failed');
  });
});
