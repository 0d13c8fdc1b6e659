import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';

import { buildConnector } from 'undici';

import {
  findRefusedRange,
  findRefusedRangeOfPrivateHost,
  toComparableAddress,
} from './address-rules.js';
import { OutboundError, toDnsError } from './outbound-error.js';
import { type OutboundTarget } from './outbound-url.js';

/** Every address of a host name. Injected, so that tests can answer differently each time. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** The system's resolver (hosts file included), in the order in which it answers. */
export const resolveHost: ResolveHost = async (host) => {
  const answers = await lookup(host, { all: true, order: 'verbatim' });
  return answers.map(({ address }) => address);
};

export interface ConnectorOptions {
  readonly connectTimeoutMs: number;
  /** Certificate authority in PEM that is trusted instead of the built-in ones. */
  readonly ca: string | undefined;
}

const assertAllowed = (target: OutboundTarget, address: string): void => {
  const find = target.isPrivateHost ? findRefusedRangeOfPrivateHost : findRefusedRange;
  const range = find(address);
  if (range === undefined) return;
  // The range goes to the log only: told to the caller, it would map the inside of our network.
  throw new OutboundError('forbidden_address', `"${target.host}" is not a public host`, {
    reason: range,
    host: target.host,
  });
};

/**
 * Resolves once and checks every address: a name with one address in a refused range is refused
 * as a whole, because honest names do not mix public and private ones.
 *
 * @throws OutboundError `dns_failed` or `forbidden_address`
 */
export const resolveChecked = async (
  target: OutboundTarget,
  resolve: ResolveHost,
): Promise<readonly string[]> => {
  if (isIP(target.host) !== 0) {
    assertAllowed(target, target.host);
    return [target.host];
  }
  const addresses = await resolve(target.host).catch((error: unknown) => {
    throw toDnsError(error, target.host);
  });
  if (addresses.length === 0) throw toDnsError({ code: 'ENODATA' }, target.host);
  for (const address of addresses) assertAllowed(target, address);
  return addresses;
};

/** Answers the socket's own look-up with the checked addresses, whatever the resolver says now. */
const pinnedLookup = (addresses: readonly string[]): LookupFunction => {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all) return callback(null, answers);
    const [first = { address: '', family: 0 }] = answers;
    return callback(null, first.address, first.family);
  };
};

/**
 * undici's connector, bound to checked addresses; Host header and SNI stay those of the address.
 * After connecting, the peer is compared once more: a second net, should the look-up hook ever
 * be bypassed (a proxy, a patched socket, a change in undici).
 */
export const checkedConnector = (
  target: OutboundTarget,
  addresses: readonly string[],
  options: ConnectorOptions,
): buildConnector.connector => {
  const connect = buildConnector({
    lookup: pinnedLookup(addresses),
    timeout: options.connectTimeoutMs,
    allowH2: false,
    maxCachedSessions: 0,
    autoSelectFamily: true,
    // Said out loud, so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not reach these connections.
    rejectUnauthorized: true,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const checked = new Set(addresses.map(toComparableAddress));
  return (request, callback) =>
    connect(request, (...[error, socket]) => {
      if (error) return callback(error, null);
      const peer = socket.remoteAddress;
      // No peer: the other side has already hung up, and undici reports that by itself.
      if (peer === undefined || checked.has(toComparableAddress(peer))) {
        return callback(null, socket);
      }
      socket.destroy();
      const refusal = new OutboundError('forbidden_address', `"${target.host}" moved`, {
        reason: 'peer_not_checked',
        host: target.host,
      });
      return callback(refusal, null);
    });
};
