import { createServer, request as forward, type Server } from 'node:http';
import { type Socket } from 'node:net';

/** A proxy that buffers nothing and cuts a connection on which nothing has come for a while, as load balancers do. */
export class ImpatientProxy {
  /** Connections that it cut for their silence. */
  cuts = 0;
  private readonly clients = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(target: string, idleMs: number): Promise<ImpatientProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const proxy = new ImpatientProxy(server, `http://127.0.0.1:${port}`);
    server.on('connection', (socket) => {
      proxy.clients.add(socket);
      socket.once('close', () => proxy.clients.delete(socket));
    });
    server.on('request', ({ url, method, headers, socket }, response) => {
      const upstream = forward(`${target}${url}`, { method, headers, agent: false });
      upstream.on('error', () => socket.destroy());
      response.once('close', () => upstream.destroy());
      upstream.setTimeout(idleMs, () => {
        proxy.cuts += 1;
        socket.destroy();
      });
      upstream.once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.on('error', () => socket.destroy());
        answer.pipe(response);
      });
      upstream.end();
    });
    return proxy;
  }

  /** Drops every connection, as a proxy that is restarted does. */
  cut(): void {
    for (const socket of this.clients) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
