import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { ConfigurationError } from '../../src/common/errors/errors.js';
import { assertSettings } from '../../src/config/config.module.js';
import { aKey } from '../support/keys.js';

const KEYS = aKey('backend', 'classify').entry;
const SECRET = 'whsec_q2D9sVt4k0m7Zr1XwYb8Ue3HjN6cLfPa';

const faultsOf = (environment: Record<string, string>): string => {
  try {
    assertSettings(environment);
    return '';
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.join('\n');
    throw error;
  }
};

describe('Starting', () => {
  it.each<[string, Record<string, string>]>([
    ['in development without keys on loopback', {}],
    ['in development without keys on ::1', { HOST: '::1' }],
    ['in development with keys on any interface', { HOST: '0.0.0.0', API_KEYS: KEYS }],
    ['in development, open on purpose', { HOST: '0.0.0.0', AUTH: 'off' }],
    ['in production with keys', { NODE_ENV: 'production', API_KEYS: KEYS }],
    [
      'in production, open on loopback behind a proxy of its own',
      { NODE_ENV: 'production', AUTH: 'off', HOST: '127.0.0.1' },
    ],
    [
      'in production, open to everybody on purpose',
      { NODE_ENV: 'production', AUTH: 'off', ALLOW_PUBLIC_WITHOUT_AUTH: 'on' },
    ],
    [
      'in production with a secret of its own',
      { NODE_ENV: 'production', API_KEYS: KEYS, CALLBACK_SECRET: SECRET },
    ],
    [
      'with an example secret in development',
      { CALLBACK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
    ],
  ])('works %s', (_title, environment) => {
    expect(faultsOf(environment)).toBe('');
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['in production without keys', { NODE_ENV: 'production' }, /API_KEYS must be set/],
    ['with a list of no keys', { NODE_ENV: 'production', API_KEYS: ', ,' }, /API_KEYS must be set/],
    ['with empty keys', { NODE_ENV: 'production', API_KEYS: ' ' }, /API_KEYS must be set/],
    [
      'in production with AUTH=off on a public interface',
      { NODE_ENV: 'production', AUTH: 'off' },
      /ALLOW_PUBLIC_WITHOUT_AUTH=on/,
    ],
    [
      'also when keys are set beside AUTH=off',
      { NODE_ENV: 'production', AUTH: 'off', API_KEYS: KEYS, HOST: '::' },
      /ALLOW_PUBLIC_WITHOUT_AUTH=on/,
    ],
    ['in development without keys on a network', { HOST: '0.0.0.0' }, /HOST must be a loopback/],
    ['by name on a network', { HOST: 'desk-ai.internal' }, /HOST must be a loopback/],
    [
      'with the secret of a manual',
      {
        NODE_ENV: 'production',
        API_KEYS: KEYS,
        CALLBACK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      },
      /CALLBACK_SECRET is an example/,
    ],
    [
      'with a placeholder',
      {
        NODE_ENV: 'production',
        API_KEYS: KEYS,
        UPLOAD_SIGNING_KEY: 'change-me-change-me-change-me-change-me',
      },
      /UPLOAD_SIGNING_KEY is an example/,
    ],
    [
      'with a key that everybody would try first',
      {
        NODE_ENV: 'production',
        API_KEYS: 'a:admin:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      },
      /the key of a is an example/,
    ],
    [
      'with a hash of zeros',
      { NODE_ENV: 'production', API_KEYS: `a:admin:${'0'.repeat(64)}` },
      /the key of a is an example/,
    ],
    ['with TRUST_PROXY=true', { TRUST_PROXY: 'true' }, /TRUST_PROXY/],
    ['with CORS for everybody', { CORS_ORIGINS: '*' }, /CORS_ORIGINS/],
    ['with a key in clear', { API_KEYS: 'desk_secret' }, /API_KEYS: entry 1/],
  ])('is refused %s', (_title, environment, sentence) => {
    const faults = faultsOf(environment);

    expect(faults).toMatch(sentence);
    expect(faults).not.toContain('desk_secret');
  });

  it('names every fault at once', () => {
    const faults = faultsOf({ NODE_ENV: 'production', PORT: 'x', API_KEYS: 'a', TRUST_PROXY: '*' });

    expect(faults).toMatch(/PORT must be a whole number/);
    expect(faults).toMatch(/API_KEYS: entry 1/);
    expect(faults).toMatch(/TRUST_PROXY/);
  });
});

describe('The process', () => {
  it('ends with code 1 and the sentences alone, without a stack or a secret', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '..', '..', 'dist', 'main.js')],
      {
        encoding: 'utf8',
        env: { NODE_ENV: 'production', TRUST_PROXY: 'true', UPLOAD_SIGNING_KEY: 'hunter2-aBcDeF' },
      },
    );

    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toEqual([
      'The configuration has 3 fault(s):',
      expect.stringMatching(/^- UPLOAD_SIGNING_KEY must be/),
      expect.stringMatching(/^- TRUST_PROXY must be/),
      expect.stringMatching(/^- API_KEYS must be set in production/),
    ]);
    expect(stderr).not.toContain('hunter2');
  });
});
