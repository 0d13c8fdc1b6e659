import { describe, expect, it } from '@jest/globals';

import { parseTrustProxy } from './trust-proxy.js';

describe(parseTrustProxy.name, () => {
  it.each([
    [undefined, false],
    ['', false],
    ['0', false],
    ['2', 2],
    ['loopback, 10.0.0.0/8', ['loopback', '10.0.0.0/8']],
    ['2001:db8::/32', ['2001:db8::/32']],
    ['true', undefined],
    ['17', undefined],
    ['proxy.internal', undefined],
    ['10.0.0.0/99', undefined],
    ['*', undefined],
  ])('reads %p', (text, expected) => {
    expect(parseTrustProxy(text)).toEqual(expected);
  });
});
