import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

export interface Upstream {
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

type AnyServer = Pick<Server, 'listen' | 'close' | 'on' | 'address' | 'once'>;

/** Starts a server of any kind on a free port, counts its connections and closes them in the end. */
export const listen = async (
  server: AnyServer,
  host = '127.0.0.1',
  port = 0,
): Promise<Upstream> => {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

export const listenHttp = (
  handler: RequestListener,
  host?: string,
  port?: number,
): Promise<Upstream> => listen(createHttpServer(handler), host, port);

/** For answers that node:http would not let one send. */
export const listenRaw = (onRequest: (socket: Socket, path: string) => void): Promise<Upstream> =>
  listen(
    createTcpServer((socket) => {
      socket.once('data', (data) => {
        onRequest(socket, data.toString('latin1').split(' ')[1] ?? '/');
      });
    }) as unknown as AnyServer,
  );

/** Catches connections to any local address; falls back to IPv4 where the machine has no IPv6. */
export const listenEverywhere = async (): Promise<Upstream> => {
  const handler: RequestListener = (_request, response) => response.end('reached');
  return listenHttp(handler, '::').catch(() => listenHttp(handler, '0.0.0.0'));
};
