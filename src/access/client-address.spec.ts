import { describe, expect, it } from '@jest/globals';

import { toClientAddress } from './client-address.js';

describe(toClientAddress.name, () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['unknown', 'unknown'],
    [undefined, 'unknown'],
  ])('counts %s as %s', (ip, expected) => {
    expect(toClientAddress(ip)).toBe(expected);
  });
});
