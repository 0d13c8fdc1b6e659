import { randomBytes } from 'node:crypto';

import { hashApiKey } from '../../src/access/api-keys.js';

export interface TestKey {
  /** What the client sends. */
  readonly secret: string;
  /** What API_KEYS holds. */
  readonly entry: string;
  readonly bearer: Readonly<Record<string, string>>;
}

export const aKey = (name: string, ...scopes: readonly string[]): TestKey => {
  const secret = `desk_${randomBytes(32).toString('base64url')}`;
  const hash = hashApiKey(secret).toString('hex');
  return {
    secret,
    entry: `${name}:${scopes.join('+')}:${hash}`,
    bearer: { Authorization: `Bearer ${secret}` },
  };
};

export const keysSetting = (...keys: readonly TestKey[]): string =>
  keys.map(({ entry }) => entry).join(',');
