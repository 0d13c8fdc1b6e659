import { createServer } from 'node:https';
import { type TLSSocket } from 'node:tls';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { GuardedHttpClient } from '../../src/common/http/outbound/guarded-client.js';
import { HttpImageSource } from '../../src/providers/image-source/http-image-source.js';
import { selfSigned } from './support/self-signed.js';
import { listen, listenHttp, type Upstream } from './support/upstream.js';

const LIMITS = { maxBytes: 1_000, timeoutMs: 3_000, firstByteTimeoutMs: 2_000, maxRedirects: 3 };
const { key, cert } = selfSigned('photos.test');

describe('photos over https', () => {
  let secure: Upstream;
  let plain: Upstream;

  const fetchWith = (ca: string | undefined, path: string, host = 'photos.test'): Promise<Buffer> =>
    new HttpImageSource(
      LIMITS,
      new GuardedHttpClient({
        allowedHosts: 'any',
        allowedPrivateHosts: ['photos.test', 'other.test'],
        resolve: () => Promise.resolve(['127.0.0.1']),
        ...(ca === undefined ? {} : { ca }),
      }),
    ).fetch(`https://${host}:${secure.port}${path}`, new AbortController().signal);

  beforeAll(async () => {
    plain = await listenHttp((_request, response) => response.end('plain'));
    const server = createServer({ key, cert }, (request, response) => {
      const { servername } = request.socket as TLSSocket;
      if (request.url === '/down') {
        response.writeHead(302, { location: `http://photos.test:${plain.port}/` }).end();
      } else {
        response.end(`${servername || 'no name'} ${request.headers.host}`);
      }
    });
    secure = await listen(server);
  });

  afterAll(async () => {
    await secure.close();
    await plain.close();
  });

  it('keeps host name and server name although it connects to an address', async () => {
    const bytes = await fetchWith(cert, '/');

    expect(bytes.toString()).toBe(`photos.test photos.test:${secure.port}`);
  });

  it('does not go down from https to http', async () => {
    await expect(fetchWith(cert, '/down')).rejects.toMatchObject({
      code: 'image_url_forbidden',
      details: { reason: 'downgrade' },
    });
    expect(plain.connections()).toBe(0);
  });

  it('refuses a certificate that nobody signed, and does not try again', async () => {
    await expect(fetchWith(undefined, '/')).rejects.toMatchObject({
      code: 'image_unreachable',
      retryable: false,
    });
  });

  it('refuses a certificate of another host', async () => {
    await expect(fetchWith(cert, '/', 'other.test')).rejects.toMatchObject({
      code: 'image_unreachable',
      retryable: false,
      details: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  it('does not speak TLS to a server that does not', async () => {
    const client = new GuardedHttpClient({
      allowedHosts: 'any',
      allowedPrivateHosts: ['127.0.0.1'],
    });
    const source = new HttpImageSource(LIMITS, client);

    await expect(
      source.fetch(`https://127.0.0.1:${plain.port}/`, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'image_unreachable' });
  });
});
