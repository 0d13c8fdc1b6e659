import { describe, expect, it } from '@jest/globals';

import {
  findRefusedRange,
  findRefusedRangeOfPrivateHost,
  toComparableAddress,
} from './address-rules.js';

describe('findRefusedRange', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['10.0.0.1', 'private'],
    ['169.254.1.1', 'link_local'],
    ['fe80::1%eth0', 'link_local'],
    ['169.254.169.254', 'cloud_metadata'],
    ['fd00:ec2::254', 'cloud_metadata'],
    ['168.63.129.16', 'cloud_metadata'],
    ['100.64.0.1', 'carrier_grade_nat'],
    ['198.18.0.1', 'benchmarking'],
    ['2001:2::1', 'benchmarking'],
    ['192.0.2.1', 'documentation'],
    ['3fff::1', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['192.0.0.1', 'reserved'],
    ['fd12::1', 'unique_local'],
    ['fec0::1', 'site_local'],
    ['::ffff:8.8.8.8', 'ipv4_mapped'],
    ['::ffff:0:8.8.8.8', 'ipv4_translated'],
    ['::8.8.8.8', 'ipv4_compatible'],
    ['64:ff9b::8.8.8.8', 'nat64'],
    ['64:ff9b:1::1', 'nat64'],
    ['2002:808:808::1', 'six_to_four'],
    ['192.88.99.1', 'six_to_four'],
    ['2001::1', 'teredo'],
    ['2001:20::1', 'orchid'],
    ['2001:1::1', 'protocol_assignments'],
    ['100::1', 'discard'],
    ['5f00::1', 'segment_routing'],
    ['2600::5efe:8.8.8.8', 'isatap'],
    ['2600::200:5efe:808:808', 'isatap'],
    ['4000::1', 'not_public'],
    ['2620:4f:8000::1', 'not_public'],
    ['192.175.48.1', 'not_public'],
    ['127.1', 'unparseable'],
    ['0177.0.0.1', 'unparseable'],
    ['2130706433', 'unparseable'],
    ['[::1]', 'unparseable'],
    ['localhost', 'unparseable'],
    ['', 'unparseable'],
  ])('refuses %s as %s', (address, range) => {
    expect(findRefusedRange(address)).toBe(range);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2001:db7:ffff::1',
    '2606:4700::1111',
    '3ffe::1',
  ])('accepts %s', (address) => {
    expect(findRefusedRange(address)).toBeUndefined();
  });
});

describe('findRefusedRangeOfPrivateHost', () => {
  it.each(['127.0.0.1', '::1', '10.0.0.1', '169.254.1.1', '100.64.0.1', '198.18.0.1', 'fd12::1'])(
    'opens %s',
    (address) => {
      expect(findRefusedRangeOfPrivateHost(address)).toBeUndefined();
    },
  );

  it.each([
    ['169.254.169.254', 'cloud_metadata'],
    ['fd00:ec2::254', 'cloud_metadata'],
    ['100.100.100.200', 'cloud_metadata'],
    ['0.0.0.0', 'unspecified'],
    ['224.0.0.1', 'multicast'],
    ['::ffff:127.0.0.1', 'ipv4_mapped'],
  ])('keeps %s closed', (address, range) => {
    expect(findRefusedRangeOfPrivateHost(address)).toBe(range);
  });
});

describe('toComparableAddress', () => {
  it.each([
    ['2606:4700:0:0::1', '2606:4700::1'],
    ['FE80::1%eth0', 'fe80::1'],
  ])('makes %s and %s equal', (one, other) => {
    expect(toComparableAddress(one)).toBe(toComparableAddress(other));
  });

  it('keeps different addresses different', () => {
    expect(toComparableAddress('::ffff:127.0.0.1')).not.toBe(toComparableAddress('127.0.0.1'));
  });
});
