import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { DownloadThread } from './download-thread.js';
import { type DownloadOptions } from './guarded-client.js';
import { OutboundError } from './outbound-error.js';

const PHOTO = Buffer.alloc(300_000, 'photo');

const optionsWith = (options: Partial<DownloadOptions> = {}): DownloadOptions => ({
  maxBytes: 400_000,
  timeoutMs: 20_000,
  firstByteTimeoutMs: 20_000,
  maxRedirects: 1,
  signal: new AbortController().signal,
  ...options,
});

describe(DownloadThread.name, () => {
  let server: Server;
  let origin: string;
  let thread: DownloadThread;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/photo') response.end(PHOTO);
      else if (request.url === '/busy') response.writeHead(503, { 'Retry-After': '7' }).end();
      else if (request.url === '/inside')
        response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
      else response.writeHead(200).write('begun');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    origin = `http://${host}`;
    thread = new DownloadThread({ allowedHosts: 'any', allowedPrivateHosts: [host] });
  });

  afterAll(async () => {
    await thread.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('fetches many files at once, each in memory of its own', async () => {
    const files = await Promise.all(
      Array.from({ length: 8 }, () => thread.download(`${origin}/photo`, optionsWith())),
    );

    expect(files.every((file) => file.equals(PHOTO))).toBe(true);
    expect(new Set(files.map(({ buffer }) => buffer)).size).toBe(8);
  });

  it('tells failures as the client in this thread would', async () => {
    const busy = thread.download(`${origin}/busy`, optionsWith());

    await expect(busy).rejects.toBeInstanceOf(OutboundError);
    await expect(busy).rejects.toMatchObject({
      kind: 'http_status',
      reason: 'http_503',
      host: '127.0.0.1',
      isTransient: true,
      status: 503,
      retryAfterMs: 7_000,
    });
    await expect(
      thread.download(`${origin}/photo`, optionsWith({ maxBytes: 1_000 })),
    ).rejects.toMatchObject({ kind: 'too_large', isTransient: false });
  });

  it('refuses addresses as the client in this thread would', async () => {
    await expect(thread.download('http://127.0.0.1:1/', optionsWith())).rejects.toMatchObject({
      kind: 'forbidden_address',
      reason: 'loopback',
    });
    await expect(thread.download(`${origin}/inside`, optionsWith())).rejects.toMatchObject({
      kind: 'forbidden_address',
      reason: 'private',
    });
    expect(() => thread.assertAllowed('http://localhost/')).toThrow(OutboundError);
  });

  it('gives a download up when its caller does, and goes on with the others', async () => {
    const controller = new AbortController();
    const endless = thread.download(
      `${origin}/endless`,
      optionsWith({ signal: controller.signal }),
    );
    const begun = new Promise<void>((resolve) => {
      server.once('request', (request) => request.socket.once('close', () => resolve()));
    });
    await new Promise((resolve) => setTimeout(resolve, 300));

    controller.abort();

    await expect(endless).rejects.toMatchObject({ kind: 'aborted' });
    await begun;
    expect(await thread.download(`${origin}/photo`, optionsWith())).toEqual(PHOTO);
  });

  it('closes the connections that it keeps when it ends', async () => {
    const { port } = server.address() as AddressInfo;
    const host = `127.0.0.1:${port}`;
    const setup = {
      allowedHosts: 'any',
      allowedPrivateHosts: [host],
      keepAliveMs: 60_000,
    } as const;
    const keeping = new DownloadThread(setup);
    const sockets = new Set<object>();
    const closed = new Promise<void>((resolve) => {
      server.once('request', ({ socket }) => {
        sockets.add(socket);
        socket.once('close', () => resolve());
      });
    });
    await keeping.download(`${origin}/photo`, optionsWith());
    server.once('request', ({ socket }) => sockets.add(socket));
    await keeping.download(`${origin}/photo`, optionsWith());

    await keeping.close();

    await closed;
    expect(sockets.size).toBe(1);
  });

  it('starts again after it was ended, and what was under way may be tried again', async () => {
    const endless = thread.download(`${origin}/endless`, optionsWith());
    await new Promise((resolve) => setTimeout(resolve, 300));

    await Promise.all([
      thread.close(),
      expect(endless).rejects.toMatchObject({ kind: 'aborted', isTransient: true }),
    ]);

    expect(await thread.download(`${origin}/photo`, optionsWith())).toEqual(PHOTO);
  });
});
