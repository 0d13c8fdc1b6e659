import ipaddr from 'ipaddr.js';

/** Bits of an IPv6 address that one subscriber has at least: a client could use a new address below them for each request. */
const IPV6_SUBSCRIBER_BITS = 64;

/** Whom an address stands for when requests are counted. */
export const toClientAddress = (ip: string | undefined): string => {
  if (ip === undefined || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(
    `${address.toNormalizedString().split('%')[0]}/${IPV6_SUBSCRIBER_BITS}`,
  );
  return `${network.toString()}/${IPV6_SUBSCRIBER_BITS}`;
};
