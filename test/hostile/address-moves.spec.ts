import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  checkedConnector,
  type ResolveHost,
} from '../../src/common/http/outbound/checked-connection.js';
import { GuardedHttpClient } from '../../src/common/http/outbound/guarded-client.js';
import { HttpImageSource } from '../../src/providers/image-source/http-image-source.js';
import { listenEverywhere, listenHttp, type Upstream } from './support/upstream.js';

const LIMITS = { maxBytes: 1_000, timeoutMs: 1_000, firstByteTimeoutMs: 300, maxRedirects: 3 };

/** In 2000::/3 and assigned to nobody: "public" for the rules, no packet of ours reaches anyone. */
const PUBLIC_NOBODY = '3000::1';

const REFUSED_RANGES = {
  loopback: '127.0.0.1',
  'loopback in decimal': '2130706433',
  'loopback IPv6': '[::1]',
  unspecified: '0.0.0.0',
  private: '192.168.0.1',
  'link-local': '169.254.1.1',
  metadata: '169.254.169.254',
  'metadata name': 'metadata.google.internal',
  CGNAT: '100.64.0.1',
  benchmarking: '198.18.0.1',
  documentation: '203.0.113.1',
  multicast: '224.0.0.1',
  reserved: '240.0.0.1',
  'unique-local': '[fd00::1]',
  'site-local': '[fec0::1]',
  'link-local IPv6': '[fe80::1]',
  'IPv4-mapped': '[::ffff:127.0.0.1]',
  'IPv4-compatible': '[::127.0.0.1]',
  NAT64: '[64:ff9b::7f00:1]',
  '6to4': '[2002:7f00:1::]',
  Teredo: '[2001:0:7f00:1::]',
  localhost: 'localhost',
  'a name that leads to loopback': 'rebind.example.com',
};

describe('addresses that move', () => {
  let victim: Upstream;
  let redirector: Upstream;

  const resolveToLoopback: ResolveHost = () => Promise.resolve(['127.0.0.1']);

  const sourceWith = (resolve: ResolveHost, privateHosts: readonly string[]): HttpImageSource =>
    new HttpImageSource(
      LIMITS,
      new GuardedHttpClient({
        allowedHosts: 'any',
        allowedPrivateHosts: privateHosts,
        allowedPorts: [80, 443, victim.port],
        resolve,
      }),
    );

  const fetchFrom = (source: HttpImageSource, url: string): Promise<Buffer> =>
    source.fetch(url, new AbortController().signal);

  beforeAll(async () => {
    victim = await listenEverywhere();
    // /hops/N?to=URL redirects N more times and then to URL.
    redirector = await listenHttp((request, response) => {
      const url = new URL(request.url ?? '/', 'http://redirector');
      const hops = Number(url.pathname.split('/')[2]);
      const to = url.searchParams.get('to') ?? '';
      const next = hops > 0 ? `/hops/${hops - 1}?to=${encodeURIComponent(to)}` : to;
      response.writeHead(Number(url.searchParams.get('status') ?? 302), { location: next }).end();
    });
  });

  afterAll(async () => {
    await victim.close();
    await redirector.close();
  });

  describe.each([0, 1, 2])('after %i harmless redirects', (hops) => {
    it.each(Object.entries(REFUSED_RANGES))('refuses a redirect to %s', async (_name, host) => {
      const source = sourceWith(resolveToLoopback, [`entry.test:${redirector.port}`]);
      const to = encodeURIComponent(`http://${host}:${victim.port}/photo.jpg`);
      const entry = `http://entry.test:${redirector.port}/hops/${hops}?to=${to}`;

      await expect(fetchFrom(source, entry)).rejects.toMatchObject({ code: 'image_url_forbidden' });
      expect(victim.connections()).toBe(0);
    });
  });

  it.each([301, 302, 303, 307, 308])('checks a redirect of status %i', async (status) => {
    const source = sourceWith(resolveToLoopback, [`entry.test:${redirector.port}`]);
    const to = encodeURIComponent(`http://127.0.0.1:${victim.port}/`);
    const entry = `http://entry.test:${redirector.port}/hops/0?status=${status}&to=${to}`;

    await expect(fetchFrom(source, entry)).rejects.toMatchObject({ code: 'image_url_forbidden' });
    expect(victim.connections()).toBe(0);
  });

  it.each([
    ['file:///etc/passwd', 'image_url_forbidden'],
    ['ftp://images.example.com/', 'image_url_forbidden'],
    ['data:image/png;base64,AAAA', 'image_url_forbidden'],
    ['http://user:secret@images.example.com/', 'image_url_forbidden'],
    ['http://images.example.com:22/', 'image_url_forbidden'],
    ['http://', 'image_unreachable'],
  ])('refuses a redirect to %s', async (to, code) => {
    const source = sourceWith(resolveToLoopback, ['entry.test']);
    const entry = `http://entry.test:${redirector.port}/hops/0?to=${encodeURIComponent(to)}`;

    await expect(fetchFrom(source, entry)).rejects.toMatchObject({ code, retryable: false });
  });

  it('follows three redirects and not a fourth', async () => {
    const target = await listenHttp((_request, response) => response.end('photo'));
    const source = sourceWith(resolveToLoopback, ['entry.test', 'target.test']);
    const to = encodeURIComponent(`http://target.test:${target.port}/`);
    const entry = (hops: number): string =>
      `http://entry.test:${redirector.port}/hops/${hops}?to=${to}`;

    expect((await fetchFrom(source, entry(2))).toString()).toBe('photo');
    await expect(fetchFrom(source, entry(3))).rejects.toMatchObject({
      code: 'image_unreachable',
      retryable: false,
      details: { reason: 'too_many_redirects' },
    });
    await target.close();
  });

  it('asks the resolver once, so a second answer changes nothing', async () => {
    const answers = [PUBLIC_NOBODY, '127.0.0.1'];
    const asked: string[] = [];
    const source = sourceWith((host) => {
      asked.push(host);
      return Promise.resolve([answers[asked.length - 1] ?? '127.0.0.1']);
    }, []);
    const url = `http://rebind.example.com:${victim.port}/photo.jpg`;

    await expect(fetchFrom(source, url)).rejects.toMatchObject({ code: 'image_unreachable' });
    expect(asked).toEqual(['rebind.example.com']);
    await expect(fetchFrom(source, url)).rejects.toMatchObject({ code: 'image_url_forbidden' });
    expect(victim.connections()).toBe(0);
  });

  it('resolves and checks a host again when a redirect comes back to it', async () => {
    let asked = 0;
    const source = sourceWith(() => {
      asked += 1;
      return Promise.resolve([asked === 1 ? '127.0.0.1' : '169.254.169.254']);
    }, ['entry.test']);
    const to = encodeURIComponent(`http://entry.test:${victim.port}/`);
    const entry = `http://entry.test:${redirector.port}/hops/0?to=${to}`;

    // Opened by name for private addresses, but never for metadata.
    await expect(fetchFrom(source, entry)).rejects.toMatchObject({
      code: 'image_url_forbidden',
      details: { reason: 'cloud_metadata' },
    });
    expect(asked).toBe(2);
  });

  it('connects to the checked address, whatever the system resolver says', async () => {
    const pinned = await listenHttp(
      (request, response) => response.end(request.headers.host),
      '127.0.0.2',
    );
    const source = sourceWith(() => Promise.resolve(['127.0.0.2']), ['localhost']);

    // The system would say 127.0.0.1, where nobody listens on this port.
    const bytes = await fetchFrom(source, `http://localhost:${pinned.port}/`);

    expect(bytes.toString()).toBe(`localhost:${pinned.port}`);
    await pinned.close();
  });

  it('drops a connection whose peer is not a checked address', async () => {
    const peer = await listenHttp((_request, response) => response.end());
    const url = new URL(`http://127.0.0.1:${peer.port}/`);
    const connect = checkedConnector(
      { url, host: '127.0.0.1', isPrivateHost: true },
      ['127.0.0.2'],
      { connectTimeoutMs: 1_000, ca: undefined },
    );

    // An address in the place of a name makes the socket skip the look-up hook.
    const error = await new Promise((resolve) => {
      connect(
        { hostname: '127.0.0.1', protocol: 'http:', port: String(peer.port) },
        (...[refusal]) => resolve(refusal),
      );
    });

    expect(error).toMatchObject({ kind: 'forbidden_address', reason: 'peer_not_checked' });
    await peer.close();
  });

  it('opens `host:port` on that port only', async () => {
    const source = sourceWith(resolveToLoopback, ['entry.test:1']);

    await expect(fetchFrom(source, `http://entry.test:${victim.port}/`)).rejects.toMatchObject({
      code: 'image_url_forbidden',
    });
    expect(victim.connections()).toBe(0);
  });
});
