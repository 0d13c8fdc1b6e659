import ipaddr from 'ipaddr.js';

import { hashApiKey, parseApiKeys } from '../access/api-keys.js';
import { AccessSettings, findAccessValueFaults } from './access.config.js';
import { AppSettings } from './app.config.js';
import { MockSettings } from './mock.config.js';
import { type Environment, findSettingFaults, readSettings, toList } from './read-settings.js';

const ORIGIN = /^https?:\/\/[^\s/?#@*]+$/i;

/**
 * Secrets that others are checked against. A vendor's credentials are the vendor's to refuse.
 */
const GUARDING_SECRETS = ['CALLBACK_SECRET', 'UPLOAD_SIGNING_KEY'];

/** Words that stand in the examples of manuals and in nobody's random secret. */
const PLACEHOLDER =
  /change[-_ ]?me|replace[-_ ]?me|placeholder|example|password|default|your[-_]|<.*>|0123456789/i;
/** The secret that the documentation of Standard Webhooks signs its examples with. */
const PUBLISHED = new Set(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);
const PUBLISHED_API_KEYS = ['', 'test', 'secret', 'desk_test', 'desk_example', 'changeme'];
/** 24 random bytes have far more; `aaaa…` and `abcabc…` have fewer. */
const MIN_DISTINCT_CHARACTERS = 10;

/**
 * What is refused although each setting is valid by itself: the rules that keep an unprotected
 * service off the internet. Sentences for the operator; values of secrets are not repeated.
 */
export const findStartupFaults = (environment: Environment): string[] => {
  const faults = findAccessValueFaults(environment);
  const areReadable = [AppSettings, AccessSettings, MockSettings].every(
    (settings) => findSettingFaults<object>(settings, environment).length === 0,
  );
  if (!areReadable) return faults;
  const { NODE_ENV, CORS_ORIGINS } = readSettings(AppSettings, environment);
  faults.push(...findOriginFaults(toList(CORS_ORIGINS)));
  faults.push(...findExposure(environment));
  if (NODE_ENV === 'production') {
    faults.push(...findExampleSecrets(environment), ...findMockScenarios(environment));
  }
  return faults;
};

/** Is somebody on the network able to call a service that asks nobody for a key? */
const findExposure = (environment: Environment): string[] => {
  const { NODE_ENV, HOST } = readSettings(AppSettings, environment);
  const access = readSettings(AccessSettings, environment);
  const isProduction = NODE_ENV === 'production';
  const isPublic = !isLoopback(HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'));
  if (access.AUTH) return hasKeys(access.API_KEYS) ? [] : findMissingKeys(isProduction, isPublic);
  return isProduction && isPublic && !access.ALLOW_PUBLIC_WITHOUT_AUTH
    ? [
        'AUTH=off in production would open the API on a public interface: set HOST=127.0.0.1, or ALLOW_PUBLIC_WITHOUT_AUTH=on if something in front of the service checks callers',
      ]
    : [];
};

/** Keys that cannot be read are a fault of their own; here they count as an intention. */
const hasKeys = (text: string | undefined): boolean => {
  const { keys, faults } = parseApiKeys(text);
  return keys.length + faults.length > 0;
};

const findMissingKeys = (isProduction: boolean, isPublic: boolean): string[] => {
  if (isProduction) {
    return [
      'API_KEYS must be set in production: make a key with `npm run key`, or say AUTH=off if the API is meant to be open',
    ];
  }
  return isPublic
    ? [
        'HOST must be a loopback address such as 127.0.0.1 while no API_KEYS are set; set API_KEYS, or say AUTH=off if the API is meant to be open',
      ]
    : [];
};

const isLoopback = (host: string): boolean => {
  if (host.toLowerCase() === 'localhost') return true;
  const address = host.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
};

const findOriginFaults = (origins: readonly string[]): string[] =>
  origins.every((origin) => ORIGIN.test(origin))
    ? []
    : [
        'CORS_ORIGINS must list origins such as https://app.example.com, without path and without *',
      ];

/** Results that a request header makes up belong nowhere near real users. */
const findMockScenarios = (environment: Environment): string[] =>
  readSettings(MockSettings, environment).MOCK_SCENARIOS
    ? [
        'MOCK_SCENARIOS=on is refused in production: any client could make up results by a header; unset it',
      ]
    : [];

const findExampleSecrets = (environment: Environment): string[] => {
  const examples = new Set(PUBLISHED_API_KEYS.map((key) => hashApiKey(key).toString('hex')));
  const { keys } = parseApiKeys(environment['API_KEYS']);
  return [
    ...GUARDING_SECRETS.filter((name) => isExampleSecret(environment[name]?.trim() ?? '')).map(
      (name) => `${name} is an example or a default: set a secret of your own in production`,
    ),
    ...keys
      .map(({ name, digest }) => ({ name, hash: digest.toString('hex') }))
      .filter(({ hash }) => examples.has(hash) || new Set(hash).size < MIN_DISTINCT_CHARACTERS)
      .map(
        ({ name }) => `API_KEYS: the key of ${name} is an example: make one with \`npm run key\``,
      ),
  ];
};

const isExampleSecret = (secret: string): boolean => {
  if (secret === '') return false;
  if (PUBLISHED.has(secret) || PLACEHOLDER.test(secret)) return true;
  const body = secret.replace(/^whsec_/, '');
  return (
    (body !== secret && PLACEHOLDER.test(Buffer.from(body, 'base64').toString('latin1'))) ||
    new Set(body).size < MIN_DISTINCT_CHARACTERS
  );
};
