import { createHash, timingSafeEqual } from 'node:crypto';

import { isScope, type Scope, SCOPES } from './scopes.js';

/** A key as the service knows it: its hash, never itself. */
export interface ApiKey {
  /** Stands in logs and owns tasks. Two keys of one name are one client whose key is being rolled. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly digest: Buffer;
}

export interface ParsedApiKeys {
  readonly keys: readonly ApiKey[];
  /** Sentences for the operator; hashes are not repeated in them. */
  readonly faults: readonly string[];
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/i;
/** Owner of what is made without a key; a key of this name would read it all. */
const RESERVED_NAMES = new Set(['anonymous']);

/**
 * A fast hash is right here: keys are 32 random bytes, so there is nothing to guess offline, and
 * every request pays for the hash. Slow hashes protect short secrets that people choose.
 */
export const hashApiKey = (key: string): Buffer => createHash('sha256').update(key).digest();

/** Reads `API_KEYS`: entries `name:scope+scope:sha256hex`, separated by commas or white space. */
export const parseApiKeys = (text: string | undefined): ParsedApiKeys => {
  const keys: ApiKey[] = [];
  const faults: string[] = [];
  const seen = new Set<string>();
  const entries = (text ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  for (const [index, entry] of entries.entries()) {
    const [name = '', scopes = '', hash = '', ...rest] = entry.split(':');
    const wrong = findEntryFaults(name, scopes, hash, rest.length > 0);
    if (wrong.length === 0 && seen.has(hash.toLowerCase())) wrong.push('has the hash of another');
    seen.add(hash.toLowerCase());
    // Without a colon it may be a key in clear, pasted by mistake.
    const label = entry.includes(':') && NAME.test(name) ? ` (${name})` : '';
    faults.push(...wrong.map((fault) => `API_KEYS: entry ${index + 1}${label} ${fault}`));
    const granted = scopes.split('+').filter(isScope);
    keys.push({ name, scopes: new Set(granted), digest: Buffer.from(hash, 'hex') });
  }
  return faults.length === 0 ? { keys, faults } : { keys: [], faults };
};

const findEntryFaults = (
  name: string,
  scopes: string,
  hash: string,
  hasMore: boolean,
): string[] => {
  if (hasMore || scopes === '' || hash === '') {
    return ['must be name:scope+scope:sha256hex; `npm run key` prints such a line'];
  }
  const unknown = scopes.split('+').filter((scope) => !isScope(scope));
  return [
    ...(NAME.test(name) ? [] : ['needs a name of letters, digits, dots, dashes or underscores']),
    ...(RESERVED_NAMES.has(name.toLowerCase()) ? ['has a name that is reserved'] : []),
    ...(unknown.length > 0 ? [`has a scope that is none of ${SCOPES.join(', ')}`] : []),
    ...(SHA256_HEX.test(hash) ? [] : ['needs the SHA-256 of the key as 64 hex digits']),
  ];
};

/** The keys that are valid now. */
export class ApiKeyRing {
  constructor(private readonly keys: readonly ApiKey[]) {}

  /** Compares with every key and never stops early, so that the time tells nothing. */
  find(secret: string): ApiKey | undefined {
    const digest = hashApiKey(secret);
    let found: ApiKey | undefined;
    for (const key of this.keys) {
      if (timingSafeEqual(key.digest, digest)) found = key;
    }
    return found;
  }
}
