import { type Socket } from 'node:net';

import { type buildConnector, Client } from 'undici';

import { checkedConnector, type ConnectorOptions } from './checked-connection.js';
import { type Deadline } from './deadline.js';
import { OutboundError, toOutboundError } from './outbound-error.js';
import { type OutboundTarget } from './outbound-url.js';

/** An answer of undici. */
export type RawAnswer = Awaited<ReturnType<Client['request']>>;

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly firstByteTimeoutMs: number;
}

export interface ConnectionOptions extends ConnectorOptions {
  /** How long the other side may expect it to stay open without a request; 0 asks it to close. */
  readonly idleMs: number;
  /** The time now, in milliseconds since the Unix epoch. */
  readonly openedAt: number;
}

const MAX_HEADER_BYTES = 16_384;

/**
 * undici opens a lost connection again, which would go to an address that was checked at another
 * time: a connection of ours is opened once.
 */
const onlyOnce = (
  connect: buildConnector.connector,
  host: string,
  onOpen: (socket: Socket) => void,
): buildConnector.connector => {
  let isUsed = false;
  return (request, callback) => {
    if (isUsed) {
      const reason = 'connection_over';
      const options = { reason, host, isTransient: true };
      callback(new OutboundError('connection_failed', `"${host}" hung up`, options), null);
      return;
    }
    isUsed = true;
    connect(request, (...[error, socket]) => {
      if (error) return callback(error, null);
      onOpen(socket);
      return callback(null, socket);
    });
  };
};

/** One connection to one origin, at an address that was checked when it was opened. */
export class Connection {
  readonly origin: string;
  readonly openedAt: number;
  private readonly client: Client;
  private readonly host: string;
  private socket: Socket | undefined;
  private receivedBefore = 0;
  private isOver = false;

  constructor(target: OutboundTarget, addresses: readonly string[], options: ConnectionOptions) {
    const { idleMs } = options;
    this.openedAt = options.openedAt;
    this.origin = target.url.origin;
    this.host = target.host;
    const connect = checkedConnector(target, addresses, options);
    this.client = new Client(this.origin, {
      connect: onlyOnce(connect, target.host, (socket) => (this.socket = socket)),
      // 0 means "Connection: close".
      pipelining: idleMs > 0 ? 1 : 0,
      // A server that says how long it waits is believed when that is shorter.
      ...(idleMs > 0 ? { keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs } : {}),
      allowH2: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      // The deadline does both, to the millisecond and over redirects.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.client.once('disconnect', () => (this.isOver = true));
  }

  /** False once either side has closed it. */
  get isOpen(): boolean {
    return !this.isOver && !this.client.destroyed;
  }

  /** Whether the other side sent anything since the last request began. */
  get wasAnswered(): boolean {
    return (this.socket?.bytesRead ?? 0) > this.receivedBefore;
  }

  /** @throws OutboundError */
  async send(
    { url }: OutboundTarget,
    request: ExchangeRequest,
    { signal }: Deadline,
  ): Promise<RawAnswer> {
    this.receivedBefore = this.socket?.bytesRead ?? 0;
    try {
      const answer = await this.client.request({
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: { 'user-agent': 'desk-ai', ...request.headers },
        body: request.body ?? null,
        signal,
      });
      // A body that nobody reads (a redirect's) still reports that it was cut off.
      answer.body.on('error', () => undefined);
      return answer;
    } catch (error) {
      if (signal.aborted) throw signal.reason as OutboundError;
      throw toOutboundError(error, this.host);
    }
  }

  /** Whatever is under way on it ends. */
  async close(): Promise<void> {
    await this.client.destroy();
  }
}
