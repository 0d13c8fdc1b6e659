import { Client } from 'undici';

import { checkedConnector, resolveChecked, type ResolveHost } from './checked-connection.js';
import { type Deadline } from './deadline.js';
import { OutboundError, toOutboundError } from './outbound-error.js';
import { type OutboundTarget } from './outbound-url.js';

/** An answer of undici; its connection ends with the exchange. */
export type RawAnswer = Awaited<ReturnType<Client['request']>>;

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly firstByteTimeoutMs: number;
}

export interface ExchangeOptions {
  readonly resolve: ResolveHost;
  readonly connectTimeoutMs: number | undefined;
  readonly ca: string | undefined;
}

const MAX_HEADER_BYTES = 16_384;

/** First value of a header as text; repeated headers are joined as HTTP says. */
export const headerOf = (answer: RawAnswer, name: string): string | undefined => {
  const value = answer.headers[name];
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
};

const send = async (
  client: Client,
  target: OutboundTarget,
  request: ExchangeRequest,
  deadline: Deadline,
): Promise<RawAnswer> => {
  try {
    const answer = await client.request({
      path: `${target.url.pathname}${target.url.search}`,
      method: request.method,
      headers: { 'user-agent': 'desk-ai', ...request.headers },
      body: request.body ?? null,
      signal: deadline.signal,
    });
    // A body that nobody reads (a redirect's) still reports that it was cut off.
    answer.body.on('error', () => undefined);
    return answer;
  } catch (error) {
    if (deadline.signal.aborted) throw deadline.signal.reason as OutboundError;
    throw toOutboundError(error, target.host);
  }
};

/**
 * One request to one target: resolve once, check, connect to a checked address, hand the answer to
 * `use`, close the connection. No redirect is followed here and no socket is kept.
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
  const addresses = await deadline.race(resolveChecked(target, options.resolve));
  const client = new Client(target.url.origin, {
    connect: checkedConnector(target, addresses, {
      connectTimeoutMs: options.connectTimeoutMs ?? request.firstByteTimeoutMs,
      ca: options.ca,
    }),
    // "Connection: close": a socket is never used for an address checked at another time.
    pipelining: 0,
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The deadline does both, to the millisecond and over redirects.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const answer = await send(client, target, request, deadline);
    deadline.endHop();
    return await use(answer);
  } finally {
    await client.destroy();
  }
};
