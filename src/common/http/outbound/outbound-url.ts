import { isIP } from 'node:net';

import { findRefusedRange, findRefusedRangeOfPrivateHost } from './address-rules.js';
import { type HostList, toBareHost } from './host-list.js';
import { OutboundError, type OutboundErrorKind } from './outbound-error.js';

export interface UrlRules {
  /** `any`: every public host. A list: these hosts only, and an empty one means none. */
  readonly allowedHosts: HostList | 'any';
  /** Hosts that may be private. `host` opens it on any port, `host:port` on that one. */
  readonly allowedPrivateHosts: HostList;
  readonly allowedPorts: ReadonlySet<number>;
}

/** An address that passed every check that needs no name resolution. */
export interface OutboundTarget {
  /** Normalised: no fragment, no user-info, no trailing dot. */
  readonly url: URL;
  /** Host name or bare IP address. */
  readonly host: string;
  readonly isPrivateHost: boolean;
}

export const DEFAULT_PORTS: readonly number[] = [80, 443, 8080, 8443];

/** Longest presigned addresses (S3 with a session token) stay below half of this. */
const MAX_URL_LENGTH = 8_192;

/** These answer with credentials, so no list of an operator opens them. */
const METADATA_NAMES = new Set([
  'metadata',
  'instance-data',
  'rancher-metadata',
  'metadata.goog',
  'metadata.google.com',
  'metadata.azure.com',
  'metadata.tencentyun.com',
  'metadata.packet.net',
  'metadata.platformequinix.com',
]);

/** Top-level names that only have a meaning inside some network. */
const LOCAL_NAMES =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|home\.arpa)$/;

// Underscores are no host names by the letter, but buckets and CDNs have them.
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/;

const refuse = (
  kind: OutboundErrorKind,
  reason: string,
  host: string,
  message: string,
): OutboundError => new OutboundError(kind, message, { reason, host });

const isMetadataName = (host: string): boolean =>
  METADATA_NAMES.has(host) ||
  host.endsWith('.metadata.goog') ||
  /^(?:[a-z0-9-]+-)?metadata\..*internal$/.test(host) ||
  /^instance-data\..*internal$/.test(host);

const portOf = (url: URL): number => {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
};

const parse = (text: string): URL => {
  if (text.length > MAX_URL_LENGTH) {
    throw refuse('forbidden_url', 'too_long', '', 'The address is too long');
  }
  // URL.canParse first: the exception of the constructor would carry the whole address.
  if (!URL.canParse(text)) {
    throw refuse('forbidden_url', 'malformed', '', 'The address is not a valid URL');
  }
  return new URL(text);
};

const checkName = (host: string, isPrivateHost: boolean): void => {
  if (!HOST_NAME.test(host)) {
    throw refuse('forbidden_url', 'bad_host', '', 'The address has no valid host name');
  }
  const isLocal = LOCAL_NAMES.test(host) || !host.includes('.');
  if (isMetadataName(host) || (isLocal && !isPrivateHost)) {
    const reason = isMetadataName(host) ? 'metadata_name' : 'local_name';
    throw refuse('forbidden_address', reason, host, `"${host}" is not a public host`);
  }
};

const checkLiteral = (host: string, isPrivateHost: boolean): void => {
  const range = isPrivateHost ? findRefusedRangeOfPrivateHost(host) : findRefusedRange(host);
  if (range) {
    throw refuse('forbidden_address', range, host, `"${host}" is not a public address`);
  }
};

const checkLists = (host: string, port: number, rules: UrlRules): void => {
  const { allowedHosts, allowedPrivateHosts, allowedPorts } = rules;
  if (allowedHosts !== 'any' && !allowedHosts.has(host, port)) {
    throw refuse('forbidden_url', 'host_not_listed', host, `"${host}" is not an allowed host`);
  }
  const isOpenPort =
    allowedPorts.has(port) ||
    allowedPrivateHosts.has(host, port) ||
    (allowedHosts !== 'any' && allowedHosts.hasPort(host, port));
  if (!isOpenPort) {
    throw refuse('forbidden_url', 'port', host, `Port ${port} of "${host}" is not allowed`);
  }
};

/**
 * Judges an address as far as that is possible without resolving its name. The WHATWG parser
 * normalises every odd spelling first (decimal, octal, full-width, percent-escapes ...); after that
 * only its result is looked at, never the text.
 *
 * @throws OutboundError `forbidden_url` or `forbidden_address`
 */
export const parseOutboundUrl = (text: string, rules: UrlRules): OutboundTarget => {
  const url = parse(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refuse('forbidden_url', 'scheme', '', 'Only http and https addresses are allowed');
  }
  const host = toBareHost(url.hostname);
  if (url.username !== '' || url.password !== '') {
    throw refuse('forbidden_url', 'user_info', '', 'The address must not carry a user or password');
  }
  const port = portOf(url);
  const isPrivateHost = rules.allowedPrivateHosts.has(host, port);
  if (isIP(host) === 0) {
    checkName(host, isPrivateHost);
    url.hostname = host;
  } else {
    checkLiteral(host, isPrivateHost);
  }
  checkLists(host, port, rules);
  url.hash = '';
  return { url, host, isPrivateHost };
};
