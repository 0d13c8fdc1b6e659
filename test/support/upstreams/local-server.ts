import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { type Socket } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Respond = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

export interface LocalServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** What a request did wrong; a strict upstream refuses it as well. */
  readonly violations: string[];
  close(): Promise<void>;
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

/** A real HTTP server on loopback that keeps what it received. */
export const startLocalServer = async (
  respond: (
    request: ReceivedRequest,
    response: ServerResponse,
    violations: string[],
  ) => void | Promise<void>,
): Promise<LocalServer> => {
  const requests: ReceivedRequest[] = [];
  const violations: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    void (async () => {
      const body = await readBody(incoming);
      const request: ReceivedRequest = {
        method: incoming.method ?? '',
        url: new URL(incoming.url ?? '/', 'http://local'),
        headers: incoming.headers,
        body,
      };
      requests.push(request);
      await respond(request, response, violations);
    })().catch((error: unknown) => {
      violations.push(`upstream failed: ${String(error)}`);
      if (!response.headersSent) response.writeHead(500).end();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    violations,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
