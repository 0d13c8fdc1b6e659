import { type Clock } from '../../clock.js';
import { type Connection } from './connection.js';

interface KeptConnection {
  readonly connection: Connection;
  readonly since: number;
}

/** Of all hosts together: the servers of strangers hold this many of our sockets and no more. */
const MAX_KEPT = 32;
/** Then the name is resolved and its addresses are checked again, however busy the host is. */
const MAX_AGE_MS = 60_000;

/** Connections that were whole after an answer, for the next request to the same origin. */
export class KeptConnections {
  private kept: readonly KeptConnection[] = [];
  private isClosed = false;

  /** @param idleMs how long each may wait for its next request; 0 keeps none */
  constructor(
    readonly idleMs: number,
    private readonly clock: Clock,
  ) {}

  /** The one that was used last, because it is the least likely to be closed just now. */
  take(origin: string): Connection | undefined {
    this.closeStale();
    const found = this.kept.findLast(({ connection }) => connection.origin === origin);
    this.kept = this.kept.filter((one) => one !== found);
    return found?.connection;
  }

  /** Of a connection whose last answer was read to its end. */
  keep(connection: Connection): void {
    this.kept = [...this.kept, { connection, since: this.clock.now() }];
    this.closeStale();
    const [oldest] = this.kept;
    if (!oldest || this.kept.length <= MAX_KEPT) return;
    this.kept = this.kept.slice(1);
    void oldest.connection.close();
  }

  /** Closes all of them; from now on none is kept. */
  close(): void {
    this.isClosed = true;
    this.closeStale();
  }

  private closeStale(): void {
    const stale = this.kept.filter((one) => !this.isUsable(one));
    if (stale.length === 0) return;
    this.kept = this.kept.filter((one) => this.isUsable(one));
    for (const { connection } of stale) void connection.close();
  }

  private isUsable({ connection, since }: KeptConnection): boolean {
    const now = this.clock.now();
    const isYoung = now - connection.openedAt < MAX_AGE_MS;
    return !this.isClosed && connection.isOpen && isYoung && now - since < this.idleMs;
  }
}
