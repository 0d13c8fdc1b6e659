import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { type ResolveHost } from '../../src/common/http/outbound/checked-connection.js';
import {
  type DownloadOptions,
  GuardedHttpClient,
} from '../../src/common/http/outbound/guarded-client.js';
import { listen, type Upstream } from './support/upstream.js';

const KEEP_ALIVE_MS = 30_000;
const MINUTE_MS = 60_000;
const MAX_KEPT = 32;

const photo = (body = 'photo'): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** Answers each request of a connection; `turn` counts them on that connection from 1. */
type Answer = (socket: Socket, path: string, turn: number) => void;

describe('connections that are kept for the next photo', () => {
  let upstream: Upstream;
  let answer: Answer;
  let requests: string[];
  let addresses: string[];
  let lookups: number;
  let now: number;

  const resolve: ResolveHost = () => {
    lookups += 1;
    return Promise.resolve(addresses);
  };

  const clientWith = (keepAliveMs = KEEP_ALIVE_MS): GuardedHttpClient =>
    new GuardedHttpClient({
      allowedHosts: 'any',
      allowedPrivateHosts: ['*.test'],
      keepAliveMs,
      resolve,
      clock: { now: () => now },
    });

  const fetchFrom = async (
    client: GuardedHttpClient,
    path = '/',
    host = 'a.test',
    options: Partial<DownloadOptions> = {},
  ): Promise<string> => {
    const bytes = await client.download(`http://${host}:${upstream.port}${path}`, {
      maxBytes: 1_000,
      timeoutMs: 20_000,
      firstByteTimeoutMs: 20_000,
      maxRedirects: 1,
      signal: new AbortController().signal,
      ...options,
    });
    return bytes.toString();
  };

  beforeEach(async () => {
    answer = (socket) => socket.write(photo());
    requests = [];
    addresses = ['127.0.0.1'];
    lookups = 0;
    now = Date.now();
    const server = createTcpServer((socket) => {
      let turn = 0;
      socket.on('data', (data) => {
        const head = data.toString('latin1');
        requests.push(head);
        turn += 1;
        answer(socket, head.split(' ')[1] ?? '/', turn);
      });
    });
    upstream = await listen(server as unknown as Parameters<typeof listen>[0]);
  });

  afterEach(() => upstream.close());

  it('fetches the second photo of a host over the connection of the first', async () => {
    const client = clientWith();

    expect(await fetchFrom(client, '/1')).toBe('photo');
    expect(await fetchFrom(client, '/2')).toBe('photo');

    expect(upstream.connections()).toBe(1);
    expect(lookups).toBe(1);
  });

  it('keeps none when it is told so', async () => {
    const client = clientWith(0);

    await fetchFrom(client);
    await fetchFrom(client);

    expect(upstream.connections()).toBe(2);
    expect(requests[0]).toMatch(/^connection: close\r$/im);
  });

  it('lets go of them when it is closed, and of those under way after their answer', async () => {
    const client = clientWith();
    const closed: string[] = [];
    let finish = (): void => undefined;
    answer = (socket, path) => {
      socket.once('close', () => closed.push(path));
      if (path === '/idle') socket.write(photo());
      else finish = () => socket.write(photo('late!'));
    };
    await fetchFrom(client, '/idle', 'a.test');
    const underWay = fetchFrom(client, '/busy', 'b.test');
    while (requests.length < 2) await new Promise((done) => setTimeout(done, 5));

    client.close();
    finish();

    expect(await underWay).toBe('late!');
    while (closed.length < 2) await new Promise((done) => setTimeout(done, 5));
    await fetchFrom(client, '/idle', 'a.test');
    expect(upstream.connections()).toBe(3);
  });

  it('serves one host only, even when two are one server', async () => {
    const client = clientWith();

    await fetchFrom(client, '/', 'a.test');
    await fetchFrom(client, '/', 'b.test');

    expect(upstream.connections()).toBe(2);
    expect(requests[1]).toMatch(/^host: b\.test:/im);
  });

  it('never carries a POST', async () => {
    const client = clientWith();
    const url = `http://a.test:${upstream.port}/`;
    const options = { headers: {}, body: 'x', timeoutMs: 20_000 };
    await fetchFrom(client);

    await client.post(url, { ...options, signal: new AbortController().signal });
    await client.post(url, { ...options, signal: new AbortController().signal });

    expect(upstream.connections()).toBe(3);
  });

  it.each<[string, string, Partial<DownloadOptions>]>([
    ['was larger than it may be', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(2_000)}`, {}],
    ['said that it would be too large', 'HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\nxx', {}],
    ['stopped in the middle', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nxx', { timeoutMs: 300 }],
    ['never began', '', { firstByteTimeoutMs: 300 }],
    ['was an error', 'HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\ngone', {}],
  ])('is not used again after an answer that %s', async (_name, bytes, options) => {
    const client = clientWith();
    answer = (socket, path) => socket.write(path === '/bad' ? bytes : photo());

    await expect(fetchFrom(client, '/bad', 'a.test', options)).rejects.toThrow();

    expect(await fetchFrom(client)).toBe('photo');
    expect(upstream.connections()).toBe(2);
  });

  it('is not used again after a download that its caller gave up', async () => {
    const client = clientWith();
    const caller = new AbortController();
    answer = (socket, path) => {
      if (path !== '/slow') return void socket.write(photo());
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nxx');
      return caller.abort();
    };

    await expect(
      fetchFrom(client, '/slow', 'a.test', { signal: caller.signal }),
    ).rejects.toMatchObject({ kind: 'aborted' });

    expect(await fetchFrom(client)).toBe('photo');
    expect(upstream.connections()).toBe(2);
  });

  it('is opened again when the server has closed it in the meantime', async () => {
    const client = clientWith();
    // Closed at the worst moment: when the next request is on its way.
    answer = (socket, _path, turn) => (turn === 1 ? socket.write(photo()) : socket.destroy());

    for (let count = 0; count < 5; count += 1) expect(await fetchFrom(client)).toBe('photo');

    expect(upstream.connections()).toBe(5);
    expect(lookups).toBe(5);
  });

  it('asks a second time at most, and only when nothing has come back', async () => {
    const client = clientWith();
    answer = (socket, _path, turn) => {
      if (turn === 1) socket.write(photo());
      else socket.end('HTTP/1.1 200 OK\r\ncontent-le');
    };
    await fetchFrom(client);

    await expect(fetchFrom(client)).rejects.toMatchObject({ name: 'OutboundError' });

    expect(requests).toHaveLength(2);
  });

  it('fails when the new connection is closed as well', async () => {
    const client = clientWith();
    await fetchFrom(client);
    answer = (socket) => socket.destroy();

    await expect(fetchFrom(client)).rejects.toMatchObject({ kind: 'connection_failed' });

    expect(requests).toHaveLength(3);
  });

  it('gives nobody an answer that came before its request', async () => {
    const client = clientWith();
    let served = 0;
    answer = (socket) => {
      served += 1;
      socket.write(served === 1 ? photo() + photo('trick') : photo());
    };

    expect(await fetchFrom(client)).toBe('photo');
    expect(await fetchFrom(client)).toBe('photo');
    expect(upstream.connections()).toBe(2);
    // undici alone would open the lost connection again, to the address that was checked before.
    expect(lookups).toBe(2);
  });

  it('is closed after a minute, and the address is checked again', async () => {
    const client = clientWith(MINUTE_MS);
    await fetchFrom(client);
    addresses = ['169.254.169.254'];
    now += MINUTE_MS / 2;
    expect(await fetchFrom(client)).toBe('photo');
    now += MINUTE_MS / 2;

    await expect(fetchFrom(client)).rejects.toMatchObject({
      kind: 'forbidden_address',
      reason: 'cloud_metadata',
    });
  });

  it('is not used after its idle time', async () => {
    const client = clientWith(5_000);
    await fetchFrom(client);
    now += 5_000;

    expect(await fetchFrom(client)).toBe('photo');
    expect(upstream.connections()).toBe(2);
  });

  it('closes by itself when no other photo comes', async () => {
    const closed = new Promise<string>((done) => {
      answer = (socket) => {
        socket.once('close', () => done('closed'));
        socket.write(photo());
      };
    });

    await fetchFrom(clientWith(200));

    expect(await closed).toBe('closed');
  });
});

describe('connections that are kept for many hosts', () => {
  it('are no more than a fixed number', async () => {
    const server = createHttpServer((_request, response) => response.end('photo'));
    const upstream = await listen(server);
    const client = new GuardedHttpClient({
      allowedHosts: 'any',
      allowedPrivateHosts: ['*.test'],
      keepAliveMs: KEEP_ALIVE_MS,
      resolve: () => Promise.resolve(['127.0.0.1']),
    });
    const countOpen = (): Promise<number> =>
      new Promise((done) => server.getConnections((_error, count) => done(count)));

    for (let host = 0; host < MAX_KEPT + 10; host += 1) {
      await client.download(`http://h${host}.test:${upstream.port}/`, {
        maxBytes: 1_000,
        timeoutMs: 20_000,
        firstByteTimeoutMs: 20_000,
        maxRedirects: 0,
        signal: new AbortController().signal,
      });
    }
    while ((await countOpen()) > MAX_KEPT) await new Promise((done) => setTimeout(done, 10));

    expect(upstream.connections()).toBe(MAX_KEPT + 10);
    expect(await countOpen()).toBe(MAX_KEPT);
    await upstream.close();
  });
});
