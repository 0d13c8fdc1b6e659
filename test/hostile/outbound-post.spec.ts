import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { GuardedHttpClient } from '../../src/common/http/outbound/guarded-client.js';
import { listenEverywhere, listenHttp, listenRaw, type Upstream } from './support/upstream.js';

const clientFor = (hosts: readonly string[]): GuardedHttpClient =>
  new GuardedHttpClient({ allowedHosts: hosts, allowedPrivateHosts: hosts });

const message = (timeoutMs = 1_000) => ({
  headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1' },
  body: '{"책상":true}',
  timeoutMs,
  signal: new AbortController().signal,
});

describe('callbacks through the gate', () => {
  let receiver: Upstream;
  let victim: Upstream;
  const seen: { headers: Record<string, unknown>; body: string }[] = [];

  const at = (path: string): string => `http://127.0.0.1:${receiver.port}${path}`;

  beforeAll(async () => {
    victim = await listenEverywhere();
    receiver = await listenHttp((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        if (request.url === '/moved') {
          response.writeHead(307, { location: `http://127.0.0.1:${victim.port}/` }).end();
        } else if (request.url === '/busy') {
          response.writeHead(503, { 'retry-after': '9' }).end('x'.repeat(1_000_000));
        } else if (request.url === '/endless') {
          response.writeHead(200);
          const timer = setInterval(() => response.write('x'.repeat(100)), 5);
          response.once('close', () => clearInterval(timer));
        } else if (request.url === '/silent') {
          response.writeHead(201).flushHeaders();
        } else {
          response.writeHead(204).end();
        }
      });
    });
  });

  afterAll(async () => {
    await receiver.close();
    await victim.close();
  });

  it('sends the exact bytes and headers', async () => {
    const answer = await clientFor(['127.0.0.1']).post(at('/'), message());

    expect(answer).toEqual({ status: 204, retryAfterMs: undefined });
    expect(seen.at(-1)).toMatchObject({
      body: '{"책상":true}',
      headers: {
        'webhook-id': 'msg_1',
        'user-agent': 'desk-ai',
        'content-length': '15',
        connection: 'close',
      },
    });
  });

  it('does not follow a redirect', async () => {
    const answer = await clientFor(['127.0.0.1']).post(at('/moved'), message());

    expect(answer.status).toBe(307);
    expect(victim.connections()).toBe(0);
  });

  it('hands on Retry-After and reads no long answer', async () => {
    expect(await clientFor(['127.0.0.1']).post(at('/busy'), message())).toEqual({
      status: 503,
      retryAfterMs: 9_000,
    });
  });

  it.each([
    ['/endless', 200],
    ['/silent', 201],
  ])('counts the status of %s although its body never ends', async (path, status) => {
    expect(await clientFor(['127.0.0.1']).post(at(path), message(400))).toMatchObject({ status });
  });

  it('reports a receiver that never answers as a transient timeout', async () => {
    const silent = await listenRaw(() => undefined);

    await expect(
      clientFor(['127.0.0.1']).post(`http://127.0.0.1:${silent.port}/`, message(200)),
    ).rejects.toMatchObject({ kind: 'timeout', isTransient: true });
    await silent.close();
  });

  it.each([
    ['a host that is not listed', ['listed.test']],
    ['every host while none is listed', []],
  ])('refuses %s', async (_name, hosts) => {
    const url = 'http://other.example.com/';

    await expect(clientFor(hosts).post(url, message())).rejects.toMatchObject({
      kind: 'forbidden_url',
      reason: 'host_not_listed',
    });
    expect(victim.connections()).toBe(0);
  });

  it('never posts to cloud metadata, even when it is listed', async () => {
    const url = 'http://169.254.169.254/latest/api/token';

    await expect(clientFor(['169.254.169.254']).post(url, message())).rejects.toMatchObject({
      kind: 'forbidden_address',
    });
  });

  it('sends no header that would begin a second request', async () => {
    const smuggling = { ...message(), headers: { 'x-id': 'a\r\nHost: evil.test' } };

    await expect(clientFor(['127.0.0.1']).post(at('/'), smuggling)).rejects.toMatchObject({
      kind: 'protocol_error',
    });
  });
});
