import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { type RunningApp, startApp } from '../support/app.js';
import { getJson } from '../support/http.js';
import { aKey } from '../support/keys.js';
import { attack, type Attack, drip, head } from './support/raw-socket.js';

const key = aKey('backend', 'classify', 'generate', 'tasks', 'admin');
const KEY = `X-API-Key: ${key.secret}`;
const HOST = 'Host: desk-ai.test';
const CLOSE = 'Connection: close';
const JSON_TYPE = 'Content-Type: application/json';

const say =
  (...parts: readonly string[]): Attack =>
  (socket) => {
    for (const part of parts) socket.write(part, 'latin1');
  };

const health = (...headers: readonly string[]): string =>
  head('GET /health/live HTTP/1.1', HOST, ...headers);

const classify = (...headers: readonly string[]): string =>
  head('POST /classify HTTP/1.1', HOST, KEY, JSON_TYPE, ...headers);

/** What must never come back: stack traces, paths of this machine, settings, the key. */
const LEAKS = [/\bat .+\.(?:js|ts):\d+/, /node_modules/, /\/work\//, /node:internal/, /desk_/];

/** The statuses that may come back, in order; null when the connection may also end without one. */
type Allowed = readonly (readonly number[] | null)[];

const ATTACKS: readonly (readonly [name: string, play: Attack, allowed: Allowed])[] = [
  [
    'a flood of header bytes',
    say('GET / HTTP/1.1\r\n', `X-Flood: ${'a'.repeat(200_000)}\r\n\r\n`),
    [[431]],
  ],
  [
    'thousands of small headers',
    say('GET / HTTP/1.1\r\n', Array.from({ length: 5_000 }, (_, i) => `X-${i}: 1\r\n`).join('')),
    [[431]],
  ],
  ['a huge URL', say(head(`GET /${'a'.repeat(100_000)} HTTP/1.1`, HOST)), [[431]]],
  [
    'headers that never end',
    async (socket) => {
      socket.write(`GET /health/live HTTP/1.1\r\n${HOST}\r\n`);
      await drip(socket, () => 'X-Slow: 1\r\n', 100);
    },
    [[408]],
  ],
  [
    'a body that never ends',
    async (socket) => {
      socket.write(classify('Content-Length: 1000'));
      await drip(socket, () => ' ', 100);
    },
    [[408]],
  ],
  [
    'Content-Length beside Transfer-Encoding (CL.TE)',
    say(classify('Content-Length: 6', 'Transfer-Encoding: chunked'), '0\r\n\r\nGET /smuggled'),
    [[400]],
  ],
  [
    'a disguised Transfer-Encoding (TE.TE)',
    say(
      classify('Transfer-Encoding: chunked', 'Transfer-Encoding: x-chunked'),
      `0\r\n\r\n${health(CLOSE)}`,
    ),
    [[400]],
  ],
  [
    'a space before the colon of Transfer-Encoding',
    say(classify('Transfer-Encoding : chunked'), '0\r\n\r\n'),
    [[400]],
  ],
  [
    'two Content-Lengths that differ',
    say(classify('Content-Length: 2', 'Content-Length: 40'), '{}'),
    [[400]],
  ],
  ['a negative Content-Length', say(classify('Content-Length: -1'), '{}'), [[400]]],
  [
    'a Content-Length beyond every number',
    say(classify('Content-Length: 99999999999999999999'), '{}'),
    [[400]],
  ],
  ['a folded header', say(head('GET /health/live HTTP/1.1', HOST, 'X-Folded: a', ' b')), [[400]]],
  [
    'a bare line feed before a smuggled header',
    say(`GET /health/live HTTP/1.1\n${HOST}\nX: 1\n\n`),
    [[400]],
  ],
  [
    'fifty pipelined requests',
    say(health().repeat(49) + health(CLOSE)),
    Array.from({ length: 50 }, () => [200]),
  ],
  [
    'a pipeline that turns to garbage',
    say(`${health()}\x16\x03\x01\x02\x00garbage\r\n\r\n`),
    [[200, 400], null],
  ],
  [
    'a reset in the middle of a body',
    (socket) => {
      socket.write(classify('Content-Length: 1000'));
      socket.write('{"initial_image_url"');
      setTimeout(() => socket.resetAndDestroy(), 50);
    },
    [null],
  ],
  ['a null byte in the path', say(head('GET /health\x00/live HTTP/1.1', HOST)), [[400]]],
  ['a null byte in a header', say(health('X-Null: a\x00b')), [[400]]],
  ['CR in a header', say(health('X-Cr: a\rSet-Cookie: b')), [[400]]],
  [
    'an absolute address, as a proxy would get it',
    say(head('GET http://169.254.169.254/latest HTTP/1.1', HOST, CLOSE)),
    [[404]],
  ],
  ['CONNECT', say(head('CONNECT 169.254.169.254:80 HTTP/1.1', HOST)), [[405]]],
  ['an invented method', say(head('HACK / HTTP/1.1', HOST)), [[400]]],
  ['TRACE', say(head('TRACE /health/live HTTP/1.1', HOST, KEY, CLOSE)), [[405]]],
  ['HTTP/0.9', say('GET /health/live\r\n\r\n'), [[400]]],
  ['HTTP/2 with prior knowledge', say('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), [[400]]],
  ['HTTP/3.7', say(head('GET / HTTP/3.7', HOST)), [[400]]],
  [
    'an upgrade to h2c',
    say(health('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk')),
    [[200]],
  ],
  ['an upgrade to a web socket', say(health('Connection: Upgrade', 'Upgrade: websocket')), [[200]]],
  ['TLS on the plain port', say('\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03'), [[400]]],
  [
    'a flood of chunk extensions',
    say(classify('Transfer-Encoding: chunked'), `2;${'a=b;'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
    [[413]],
  ],
  [
    'a chunk size that is no number',
    say(classify('Transfer-Encoding: chunked'), 'zz\r\n{}\r\n0\r\n\r\n'),
    [[400]],
  ],
  [
    'a chunk size beyond every number',
    say(classify('Transfer-Encoding: chunked'), 'fffffffffffffffff\r\n{}\r\n'),
    [[400]],
  ],
  [
    'chunks that add up to more than a body may have',
    say(
      classify('Transfer-Encoding: chunked', CLOSE),
      `ffff\r\n${' '.repeat(0xffff)}\r\n`.repeat(2),
      '0\r\n\r\n',
    ),
    [[413]],
  ],
  [
    'trailers that look like headers of trust',
    say(
      classify('Transfer-Encoding: chunked', 'Trailer: X-API-Key', CLOSE),
      '2\r\n{}\r\n0\r\nX-API-Key: stolen\r\nContent-Length: 5\r\n\r\n',
    ),
    [[400]],
  ],
  [
    '100-continue with a body far too large',
    say(classify('Content-Length: 9999999999', 'Expect: 100-continue', CLOSE)),
    [[100], [413]],
  ],
  ['an expectation of something else', say(health('Expect: 200-teapot', CLOSE)), [[200]]],
  ['no Host', say(head('GET /health/live HTTP/1.1', CLOSE)), [[400]]],
  ['two Hosts', say(health('Host: other.test', CLOSE)), [[200, 400]]],
  ['an empty request line', say('\r\n\r\n\r\n\r\n', head(' ')), [[400]]],
  [
    'two hundred connections that say nothing',
    async (socket) => {
      const port = socket.remotePort ?? 0;
      await Promise.all(
        Array.from({ length: 200 }, () =>
          attack(port, (quiet) => void setTimeout(() => quiet.resetAndDestroy(), 200)),
        ),
      );
      socket.write(health(CLOSE));
    },
    [[200]],
  ],
];

describe('Protocol attacks', () => {
  let app: RunningApp;
  let port: number;

  beforeAll(async () => {
    // One second for a whole request, so that slow attacks end soon; limits are not what is tested.
    app = await startApp({
      API_KEYS: key.entry,
      REQUEST_TIMEOUT_MS: '1000',
      KEEP_ALIVE_TIMEOUT_MS: '1000',
      RATE_LIMITS: 'off',
    });
    port = Number(new URL(app.url).port);
  });
  afterAll(() => app.close());

  afterEach(async () => {
    const { status, body } = await getJson(`${app.url}/health`);
    expect([status, body['status']]).toEqual([200, 'ok']);
  });

  it.each(ATTACKS)('survives %s', async (_name, play, allowed) => {
    const { received, statuses } = await attack(port, play);

    for (const leak of LEAKS) expect(received).not.toMatch(leak);
    const least = allowed.filter((one) => one !== null).length;
    expect(statuses.length).toBeGreaterThanOrEqual(least);
    expect(statuses.length).toBeLessThanOrEqual(allowed.length);
    statuses.forEach((status, index) => {
      const some = allowed[index];
      if (some) expect(some).toContain(status);
    });
  });

  it('answers what is no request with a problem and a request id', async () => {
    const { received } = await attack(port, say('GARBAGE\r\n\r\n'));
    const [top = '', body = ''] = received.split('\r\n\r\n');

    expect(top).toMatch(/^Content-Type: application\/problem\+json$/m);
    expect(top).toMatch(/^Connection: close$/m);
    const requestId = /^X-Request-Id: (\S+)$/m.exec(top)?.[1];
    expect(JSON.parse(body)).toMatchObject({
      status: 400,
      code: 'validation_failed',
      detail: 'This is not a valid HTTP/1.1 request.',
      request_id: requestId,
    });
  });

  it('never gives a smuggled request to a controller', async () => {
    const smuggled = head('GET /tasks HTTP/1.1', HOST, KEY);
    const { statuses } = await attack(
      port,
      say(classify('Content-Length: 0', 'Transfer-Encoding: chunked'), `0\r\n\r\n${smuggled}`),
    );
    expect(statuses).toEqual([400]);
  });
});
