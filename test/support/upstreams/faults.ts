import { type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import { selfSigned } from '../../hostile/support/self-signed.js';
import { type LocalServer, startLocalServer } from './local-server.js';

export const CANARY = 'LEAK-BODY';

export interface Fault {
  readonly name: string;
  readonly respond?: (response: ServerResponse) => void;
  /** Where to go instead of the server, for faults that happen before HTTP. */
  readonly place?: 'closed-port' | 'no-such-host' | 'bad-tls';
  readonly code: string;
  readonly retryAfterMs?: number;
  readonly isRetryable: boolean;
}

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}, body = CANARY) =>
  (response: ServerResponse): void => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(
      JSON.stringify({
        error: { message: body, type: 'server_error', param: null, code: null },
        detail: body,
      }),
    );
  };

const ok =
  (body: string | Buffer, type = 'application/json') =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': type }).end(body);
  };

const failed = { code: 'provider_failed', isRetryable: false };
const unavailable = { code: 'provider_unavailable', isRetryable: true };
const timeout = { code: 'provider_timeout', isRetryable: true };

const flood = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const piece = Buffer.alloc(1_048_576, 0x20);
  let sent = 0;
  const write = (): void => {
    while (sent < 30 && !response.destroyed) {
      sent += 1;
      if (!response.write(piece)) {
        response.once('drain', write);
        return;
      }
    }
    response.end();
  };
  write();
};

/** What happens to every provider alike; the code that the task then carries. */
export const FAULTS: readonly Fault[] = [
  { name: 'connection refused', place: 'closed-port', ...unavailable },
  { name: 'DNS failure', place: 'no-such-host', ...unavailable },
  { name: 'TLS failure', place: 'bad-tls', ...failed },
  { name: 'reset before headers', respond: (r) => r.socket?.resetAndDestroy(), ...unavailable },
  {
    name: 'reset mid-body',
    respond: (r) => {
      r.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      r.write(`{"data":[`, () => setTimeout(() => r.socket?.resetAndDestroy(), 20));
    },
    ...unavailable,
  },
  { name: 'truncated JSON', respond: ok('{"data":[{"b64_json":"iVBOR'), ...failed },
  { name: 'empty answer', respond: ok(''), ...failed },
  { name: 'JSON of another shape', respond: ok(`{"${CANARY}":true}`), ...failed },
  { name: 'JSON null', respond: ok('null'), ...failed },
  { name: 'HTML with 200', respond: ok(`<html>${CANARY}</html>`, 'text/html'), ...failed },
  { name: '400', respond: status(400), ...failed },
  { name: '401', respond: status(401), ...failed },
  { name: '403', respond: status(403), ...failed },
  { name: '404', respond: status(404), ...failed },
  { name: '408', respond: status(408), ...unavailable },
  { name: '409', respond: status(409), ...unavailable },
  { name: '429', respond: status(429), ...unavailable },
  {
    name: '429 with Retry-After',
    respond: status(429, { 'retry-after': '7' }),
    retryAfterMs: 7_000,
    ...unavailable,
  },
  { name: '500', respond: status(500), ...unavailable },
  { name: '502', respond: status(502), ...unavailable },
  {
    name: '503 with Retry-After',
    respond: status(503, { 'retry-after': '120' }),
    retryAfterMs: 120_000,
    ...unavailable,
  },
  { name: 'hang before headers', respond: () => undefined, ...timeout },
  {
    name: 'hang mid-body',
    respond: (r) => {
      r.writeHead(200, { 'content-type': 'application/json' });
      r.write('{"data":[');
    },
    ...timeout,
  },
  { name: '30 MB answer', respond: flood, ...failed },
  {
    name: '30 MB claimed',
    respond: (r) => {
      r.writeHead(200, { 'content-type': 'application/json', 'content-length': '31457280' });
      r.write('{');
    },
    ...failed,
  },
  {
    name: 'redirect',
    respond: (r) => r.writeHead(307, { location: `http://127.0.0.1:9/${CANARY}` }).end(),
    ...failed,
  },
];

export interface FaultyServer extends LocalServer {
  /** Base address under which the fault happens. */
  baseFor(fault: Fault): string;
  show(fault: Fault): void;
}

/** One server that can fail in all of these ways. */
export const startFaultyServer = async (): Promise<FaultyServer> => {
  let current: Fault | undefined;
  const server = await startLocalServer((_, response) => {
    if (current?.respond) current.respond(response);
    else response.writeHead(500).end();
  });
  const tls = createTlsServer(selfSigned('localhost'), (_, response) => response.end());
  await new Promise<void>((resolve) => {
    tls.listen(0, '127.0.0.1', resolve);
  });
  const address = tls.address();
  const tlsPort = typeof address === 'object' && address ? address.port : 0;
  const places = {
    'closed-port': 'http://127.0.0.1:1',
    'no-such-host': 'http://no-such-host.invalid',
    'bad-tls': `https://127.0.0.1:${tlsPort}`,
  };
  return {
    ...server,
    baseFor: (fault) => (fault.place ? places[fault.place] : server.url),
    show: (fault) => {
      current = fault;
      server.requests.length = 0;
    },
    close: async () => {
      await server.close();
      await new Promise<void>((resolve) => {
        tls.close(() => resolve());
        tls.closeAllConnections();
      });
    },
  };
};

/** Everything that could end in a log, a task or an answer. */
export const everythingIn = (error: unknown): string => {
  const parts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current !== undefined && current !== null; depth += 1) {
    if (!(current instanceof Error)) {
      parts.push(JSON.stringify(current) ?? String(current));
      break;
    }
    parts.push(current.name, current.message, JSON.stringify({ ...current }));
    current = current.cause;
  }
  return parts.join('\n');
};
