import { isIP, isIPv6 } from 'node:net';

import ipaddr from 'ipaddr.js';

/** Why an address is refused: the name of the range that it lies in. */
export type RefusedRange = keyof typeof REFUSED_RANGES | 'isatap' | 'not_public' | 'unparseable';

/**
 * Named only so that a refusal says why: an address outside this table is still refused unless
 * ipaddr.js calls it plain unicast and, for IPv6, it lies in 2000::/3, the only space that has been
 * handed out. The first match wins, so metadata comes before the ranges that contain it.
 *
 * IPv6 forms that carry an IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo,
 * ISATAP) are refused whatever they carry: no photo host needs them, and a form that is refused
 * as a whole cannot be decoded wrongly.
 */
const REFUSED_RANGES = {
  cloud_metadata: [
    '169.254.169.254/32', // AWS, GCP, Azure, OCI and most others
    '169.254.170.2/32', // AWS ECS task credentials
    '169.254.170.23/32', // AWS EKS pod identity
    '100.100.100.200/32', // Alibaba Cloud
    '168.63.129.16/32', // Azure WireServer: a public address, so no range would catch it
    '192.0.0.192/32', // Oracle Cloud classic
    'fd00:ec2::/32', // AWS: ::254 metadata, ::23 pod identity
    'fd20:ce::254/128', // GCP
    'fd00:42::42/128', // Scaleway
    'fd00:c1::a9fe:a9fe/128', // Oracle Cloud
  ],
  unspecified: ['0.0.0.0/8', '::/128'],
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  link_local: ['169.254.0.0/16', 'fe80::/10'],
  carrier_grade_nat: ['100.64.0.0/10'],
  benchmarking: ['198.18.0.0/15', '2001:2::/48'],
  documentation: [
    '192.0.2.0/24',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '2001:db8::/32',
    '3fff::/20',
  ],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  broadcast: ['255.255.255.255/32'],
  reserved: ['240.0.0.0/4', '192.0.0.0/24'],
  unique_local: ['fc00::/7'],
  site_local: ['fec0::/10'],
  ipv4_mapped: ['::ffff:0:0/96'],
  ipv4_translated: ['::ffff:0:0:0/96'],
  ipv4_compatible: ['::/96'],
  nat64: ['64:ff9b::/96', '64:ff9b:1::/48'],
  six_to_four: ['2002::/16', '192.88.99.0/24'],
  teredo: ['2001::/32'],
  orchid: ['2001:10::/28', '2001:20::/28', '2001:30::/28'],
  protocol_assignments: ['2001::/23'],
  discard: ['100::/64'],
  segment_routing: ['5f00::/16'],
} as const satisfies Record<string, readonly string[]>;

/** What a host that the operator named as private may resolve to. Cloud metadata is not in it. */
const PRIVATE_RANGES: ReadonlySet<RefusedRange> = new Set([
  'loopback',
  'private',
  'link_local',
  'carrier_grade_nat',
  'benchmarking',
  'unique_local',
]);

const RANGE_TABLE = Object.entries(REFUSED_RANGES).flatMap(([name, blocks]) =>
  blocks.map((block) => ({ name, network: ipaddr.parseCIDR(block) })),
) as readonly { name: keyof typeof REFUSED_RANGES; network: ReturnType<typeof ipaddr.parseCIDR> }[];

const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

type Address = ReturnType<typeof ipaddr.parse>;

const isIn = (address: Address, network: ReturnType<typeof ipaddr.parseCIDR>): boolean =>
  address.kind() === network[0].kind() && address.match(network);

/** Interface identifier 0000:5efe or 0200:5efe (also with the group bit), then an IPv4 address. */
const isIsatap = (address: Address): boolean => {
  const bytes = address.toByteArray();
  if (bytes.length !== 16) return false;
  const [universal = 0, ...rest] = bytes.slice(8, 12);
  return (universal & 0xfc) === 0 && rest[0] === 0 && rest[1] === 0x5e && rest[2] === 0xfe;
};

/**
 * Only the strict spellings: ipaddr.js alone would also read octal and short forms. IPv6 goes
 * through the URL parser first, because ipaddr.js takes `::8.8.8.8` for `::ffff:8.8.8.8`.
 */
const parseStrictly = (text: string): Address | undefined => {
  if (isIP(text) === 0) return undefined;
  if (!isIPv6(text)) return ipaddr.parse(text);
  const withoutZone = text.replace(/%.*$/, '');
  return ipaddr.parse(new URL(`http://[${withoutZone}]`).hostname.slice(1, -1));
};

/** The range that forbids a connection to this address, or undefined for a public address. */
export const findRefusedRange = (text: string): RefusedRange | undefined => {
  const address = parseStrictly(text);
  if (!address) return 'unparseable';
  const named = RANGE_TABLE.find(({ network }) => isIn(address, network));
  if (named) return named.name;
  if (isIsatap(address)) return 'isatap';
  if (address.kind() === 'ipv6' && !isIn(address, GLOBAL_UNICAST)) return 'not_public';
  return address.range() === 'unicast' ? undefined : 'not_public';
};

/** The same for a host that the operator opened by name (`IMAGE_ALLOWED_PRIVATE_HOSTS`). */
export const findRefusedRangeOfPrivateHost = (text: string): RefusedRange | undefined => {
  const range = findRefusedRange(text);
  return range !== undefined && PRIVATE_RANGES.has(range) ? undefined : range;
};

/** One spelling per address, without zone id, so that two of them can be compared. */
export const toComparableAddress = (text: string): string =>
  parseStrictly(text)?.toNormalizedString() ?? text;
