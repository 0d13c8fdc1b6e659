import { type Socket } from 'node:net';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';

/** The size limit that `exact` and `one-more` are made for. */
export const MAX_BYTES = 100_000;

const reply = (head: string, body: string | Buffer = ''): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`), Buffer.from(body)]);

const drip = (socket: Socket, piece: string | Buffer, everyMs: number): void => {
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.once('close', () => clearInterval(timer));
};

const flood = (socket: Socket, piece: string | Buffer): void => {
  const write = (): void => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once('drain', write);
  };
  write();
};

const megabyte = Buffer.alloc(1_048_576, 1);
const gzipBomb = gzipSync(Buffer.alloc(30_000_000));
// Quality 1: the bomb is as good, and made in a tenth of the time.
const brotliBomb = brotliCompressSync(Buffer.alloc(30_000_000), {
  params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
});

/** What a server may do to us, by path. */
export const BEHAVIOURS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  ok: (socket) => socket.end(reply('200 OK\r\nContent-Length: 5', 'photo')),
  html: (socket) => socket.end(reply('200 OK\r\nContent-Type: text/html', '<html></html>')),
  empty: (socket) => socket.end(reply('204 No Content')),
  exact: (socket) => socket.end(reply('200 OK', Buffer.alloc(MAX_BYTES))),
  'one-more': (socket) => socket.end(reply('200 OK', Buffer.alloc(MAX_BYTES + 1))),
  'claims-20-mb': (socket) => socket.write(reply('200 OK\r\nContent-Length: 20000000')),
  'sends-20-mb': (socket) => {
    socket.write(reply('200 OK\r\nContent-Length: 20971520'));
    flood(socket, megabyte);
  },
  'claims-too-little': (socket) =>
    socket.end(reply('200 OK\r\nContent-Length: 5', 'photo and more')),
  'claims-too-much': (socket) => socket.end(reply('200 OK\r\nContent-Length: 500', 'photo')),
  'two-lengths': (socket) =>
    socket.end(reply('200 OK\r\nContent-Length: 5\r\nContent-Length: 7', 'photo..')),
  'length-and-chunked': (socket) =>
    socket.end(
      reply('200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked', '5\r\nphoto\r\n0\r\n\r\n'),
    ),
  'chunked-for-ever': (socket) => {
    socket.write(reply('200 OK\r\nTransfer-Encoding: chunked'));
    flood(socket, `${(65_536).toString(16)}\r\n${'a'.repeat(65_536)}\r\n`);
  },
  'tiny-chunks-for-ever': (socket) => {
    socket.write(reply('200 OK\r\nTransfer-Encoding: chunked'));
    drip(socket, '1\r\na\r\n', 20);
  },
  'tiny-chunks-at-once': (socket) => {
    socket.write(reply('200 OK\r\nTransfer-Encoding: chunked'));
    flood(socket, '1\r\na\r\n'.repeat(10_000));
  },
  'tiny-compressed-chunks-at-once': (socket) => {
    socket.write(reply('200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked'));
    // Stored, not compressed: as long as the text, so that it lasts.
    const body = gzipSync(Buffer.alloc(MAX_BYTES, 'text'), { level: 0 });
    socket.end(
      Buffer.concat(Array.from(body, (byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]))),
    );
  },
  'bad-chunk': (socket) =>
    socket.end(reply('200 OK\r\nTransfer-Encoding: chunked', 'ZZ\r\nphoto\r\n0\r\n\r\n')),
  'huge-chunk-extension': (socket) => {
    socket.write(reply('200 OK\r\nTransfer-Encoding: chunked', '1;'));
    flood(socket, 'x'.repeat(65_536));
  },
  'no-length-for-ever': (socket) => {
    socket.write(reply('200 OK'));
    flood(socket, megabyte);
  },
  'slow-body': (socket) => {
    socket.write(reply('200 OK\r\nContent-Length: 90000'));
    drip(socket, 'a', 20);
  },
  'stops-mid-body': (socket) => socket.write(reply('200 OK\r\nContent-Length: 500', 'pho')),
  'never-answers': () => undefined,
  'slow-headers': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    drip(socket, 'X-A: b\r\n', 20);
  },
  'continues-for-ever': (socket) => drip(socket, 'HTTP/1.1 100 Continue\r\n\r\n', 20),
  'endless-headers': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    flood(socket, `X-Filler: ${'a'.repeat(8_000)}\r\n`);
  },
  'endless-status-line': (socket) => {
    socket.write('HTTP/1.1 200 ');
    flood(socket, 'a'.repeat(65_536));
  },
  'resets-at-once': (socket) => socket.resetAndDestroy(),
  'resets-mid-body': (socket) => {
    socket.write(reply('200 OK\r\nContent-Length: 500', 'pho'), () => {
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
  },
  'closes-at-once': (socket) => socket.end(),
  'not-http': (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
  'http-0-9': (socket) => socket.end('<html>hello</html>'),
  switches: (socket) =>
    socket.end(reply('101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade')),
  gzip: (socket) => socket.end(reply('200 OK\r\nContent-Encoding: gzip', gzipSync('photo'))),
  'gzip-upper': (socket) =>
    socket.end(reply('200 OK\r\nContent-Encoding: GZIP', gzipSync('photo'))),
  deflate: (socket) =>
    socket.end(reply('200 OK\r\nContent-Encoding: deflate', deflateSync('photo'))),
  brotli: (socket) =>
    socket.end(reply('200 OK\r\nContent-Encoding: br', brotliCompressSync('photo'))),
  'aws-chunked': (socket) => socket.end(reply('200 OK\r\nContent-Encoding: aws-chunked', 'photo')),
  'gzip-bomb': (socket) => socket.end(reply('200 OK\r\nContent-Encoding: gzip', gzipBomb)),
  'brotli-bomb': (socket) => socket.end(reply('200 OK\r\nContent-Encoding: br', brotliBomb)),
  'gzip-twice': (socket) =>
    socket.end(reply('200 OK\r\nContent-Encoding: gzip, gzip', gzipSync(gzipSync('photo')))),
  'gzip-broken': (socket) => socket.end(reply('200 OK\r\nContent-Encoding: gzip', 'not gzip')),
  'gzip-cut': (socket) =>
    socket.end(reply('200 OK\r\nContent-Encoding: gzip', gzipSync('photo').subarray(0, 12))),
  'unknown-encoding': (socket) => socket.end(reply('200 OK\r\nContent-Encoding: compress', 'x')),
  'proto-encoding': (socket) => socket.end(reply('200 OK\r\nContent-Encoding: __proto__', 'x')),
  'redirect-without-location': (socket) => socket.end(reply('302 Found')),
  'redirect-loop': (socket) => socket.end(reply('302 Found\r\nLocation: /redirect-loop')),
  'redirect-with-endless-body': (socket) => {
    socket.write(reply('302 Found\r\nLocation: /ok'));
    flood(socket, megabyte);
  },
  'not-modified': (socket) => socket.end(reply('304 Not Modified')),
  'multiple-choices': (socket) => socket.end(reply('300 Multiple Choices\r\nLocation: /ok')),
  403: (socket) => socket.end(reply('403 Forbidden', '<Error>AccessDenied</Error>')),
  404: (socket) => socket.end(reply('404 Not Found')),
  408: (socket) => socket.end(reply('408 Request Timeout')),
  410: (socket) => socket.end(reply('410 Gone')),
  425: (socket) => socket.end(reply('425 Too Early')),
  429: (socket) => socket.end(reply('429 Too Many Requests\r\nRetry-After: 7')),
  500: (socket) => socket.end(reply('500 Internal Server Error')),
  503: (socket) => socket.end(reply('503 Service Unavailable\r\nRetry-After: 120')),
  999: (socket) => socket.end(reply('999 Request denied')),
};
