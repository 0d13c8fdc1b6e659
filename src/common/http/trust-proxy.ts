import ipaddr from 'ipaddr.js';

/** What Express takes as `trust proxy`. */
export type TrustProxy = false | number | readonly string[];

const MAX_PROXIES = 16;
const NAMED_NETWORKS = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Undefined when the text cannot be understood; `true` is not accepted: it believes everybody. */
export const parseTrustProxy = (text: string | undefined): TrustProxy | undefined => {
  const value = text?.trim() ?? '';
  if (['', '0', 'off', 'none', 'false'].includes(value.toLowerCase())) return false;
  if (/^\d+$/.test(value)) return Number(value) <= MAX_PROXIES ? Number(value) : undefined;
  const networks = value.split(',').map((part) => part.trim());
  return networks.every(isNetwork) ? networks : undefined;
};

const isNetwork = (text: string): boolean =>
  NAMED_NETWORKS.has(text) ||
  ipaddr.IPv4.isValidFourPartDecimal(text) ||
  ipaddr.IPv6.isValid(text) ||
  ipaddr.isValidCIDR(text);
