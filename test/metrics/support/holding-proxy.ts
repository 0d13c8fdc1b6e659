import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between the service and a server; `hold` makes that server silent without closing anything. */
export class HoldingProxy {
  private readonly sockets = new Set<Socket>();
  private isHolding = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(targetPort: number): Promise<HoldingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const proxy = new HoldingProxy(
      server,
      typeof address === 'object' && address ? address.port : 0,
    );
    server.on('connection', (client) => proxy.join(client, connect(targetPort, '127.0.0.1')));
    return proxy;
  }

  hold(): void {
    this.isHolding = true;
    for (const socket of this.sockets) socket.pause();
  }

  letGo(): void {
    this.isHolding = false;
    for (const socket of this.sockets) socket.resume();
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private join(client: Socket, upstream: Socket): void {
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.isHolding) from.pause();
    }
  }
}
