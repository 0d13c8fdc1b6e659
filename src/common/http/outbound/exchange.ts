import { type Clock } from '../../clock.js';
import { resolveChecked, type ResolveHost } from './checked-connection.js';
import { Connection, type ExchangeRequest, type RawAnswer } from './connection.js';
import { type Deadline } from './deadline.js';
import { type KeptConnections } from './kept-connections.js';
import { type OutboundTarget } from './outbound-url.js';

export interface ExchangeOptions {
  readonly resolve: ResolveHost;
  readonly connectTimeoutMs: number | undefined;
  readonly ca: string | undefined;
  readonly kept: KeptConnections;
  readonly clock: Clock;
}

interface Begun {
  readonly connection: Connection;
  readonly answer: RawAnswer;
}

/** First value of a header as text; repeated headers are joined as HTTP says. */
export const headerOf = (answer: RawAnswer, name: string): string | undefined => {
  const value = answer.headers[name];
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
};

const beginOn = async (
  connection: Connection,
  target: OutboundTarget,
  request: ExchangeRequest,
  deadline: Deadline,
): Promise<Begun> => {
  try {
    return { connection, answer: await connection.send(target, request, deadline) };
  } catch (error) {
    await connection.close();
    throw error;
  }
};

/** Only what may be asked twice: a kept connection can be closed by the server at any moment. */
const isRepeatable = ({ method }: ExchangeRequest): boolean => method === 'GET';

const beginOnKept = async (
  target: OutboundTarget,
  request: ExchangeRequest,
  options: ExchangeOptions,
  deadline: Deadline,
): Promise<Begun | undefined> => {
  const connection = isRepeatable(request) ? options.kept.take(target.url.origin) : undefined;
  if (!connection) return undefined;
  try {
    return await beginOn(connection, target, request, deadline);
  } catch (error) {
    if (deadline.signal.aborted || connection.wasAnswered) throw error;
    return undefined;
  }
};

const beginOnNew = async (
  target: OutboundTarget,
  request: ExchangeRequest,
  options: ExchangeOptions,
  deadline: Deadline,
): Promise<Begun> => {
  const addresses = await deadline.race(resolveChecked(target, options.resolve));
  const connection = new Connection(target, addresses, {
    connectTimeoutMs: options.connectTimeoutMs ?? request.firstByteTimeoutMs,
    ca: options.ca,
    idleMs: isRepeatable(request) ? options.kept.idleMs : 0,
    openedAt: options.clock.now(),
  });
  return beginOn(connection, target, request, deadline);
};

/**
 * One request to one target, on a connection that was kept from an earlier one, or else: resolve
 * once, check, connect to a checked address. The answer is handed to `use`. What comes after an
 * answer that was not read to its end is unknown, so that its connection is closed. No redirect is
 * followed here.
 *
 * @throws OutboundError, or what `use` throws
 */
export const exchangeOnce = async <T>(
  target: OutboundTarget,
  request: ExchangeRequest,
  options: ExchangeOptions,
  deadline: Deadline,
  use: (answer: RawAnswer) => Promise<T>,
): Promise<T> => {
  deadline.startHop(target.host, request.firstByteTimeoutMs);
  const { connection, answer } =
    (await beginOnKept(target, request, options, deadline)) ??
    (await beginOnNew(target, request, options, deadline));
  deadline.endHop();
  try {
    return await use(answer);
  } finally {
    const isWhole = answer.body.readableEnded && !answer.body.errored && connection.isOpen;
    if (isWhole && isRepeatable(request) && options.kept.idleMs > 0) options.kept.keep(connection);
    else await connection.close();
  }
};
