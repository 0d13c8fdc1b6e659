import { describe, expect, it } from '@jest/globals';

import { ApiKeyRing, hashApiKey, parseApiKeys } from './api-keys.js';

const hash = (key: string): string => hashApiKey(key).toString('hex');

describe('parseApiKeys', () => {
  it('reads several keys, also of one name and over several lines', () => {
    const { keys, faults } = parseApiKeys(
      `backend:classify+generate:${hash('old')},\n  backend:tasks:${hash('new')} ops:admin:${hash('ops').toUpperCase()}`,
    );

    expect(faults).toEqual([]);
    expect(keys.map(({ name, scopes }) => [name, [...scopes]])).toEqual([
      ['backend', ['classify', 'generate']],
      ['backend', ['tasks']],
      ['ops', ['admin']],
    ]);
  });

  it.each([
    ['a key in clear', 'desk_abc', /name:scope\+scope:sha256hex/],
    ['an unknown scope', `a:paint:${hash('k')}`, /has a scope that is none of classify, generate/],
    ['an empty scope', `a:classify+:${hash('k')}`, /has a scope that is none of/],
    ['a short hash', 'a:classify:abc123', /64 hex digits/],
    ['a name with a space in disguise', `a%20b:classify:${hash('k')}`, /needs a name/],
    ['the owner of keyless tasks', `Anonymous:classify:${hash('k')}`, /reserved/],
    ['one field too many', `a:classify:${hash('k')}:x`, /name:scope\+scope:sha256hex/],
    [
      'the same key twice',
      `a:classify:${hash('k')},b:tasks:${hash('k')}`,
      /entry 2 \(b\) has the hash of another/,
    ],
  ])('refuses %s', (_title, text, fault) => {
    const { keys, faults } = parseApiKeys(text);

    expect(keys).toEqual([]);
    expect(faults.join('\n')).toMatch(fault);
    expect(faults.join('\n')).not.toContain(hash('k'));
  });

  it('lists the faults of every entry at once', () => {
    expect(parseApiKeys('a:classify:1,b:paint:2').faults).toHaveLength(3);
  });
});

describe(ApiKeyRing.name, () => {
  it('finds a key by its secret and nothing by its hash', () => {
    const ring = new ApiKeyRing(parseApiKeys(`a:tasks:${hash('one')},b:tasks:${hash('two')}`).keys);

    expect(ring.find('two')?.name).toBe('b');
    expect(ring.find(hash('two'))).toBeUndefined();
    expect(ring.find('')).toBeUndefined();
  });
});
