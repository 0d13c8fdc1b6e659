/**
 * Makes an API key: `npm run key -- --name backend --scopes classify,generate,tasks`.
 * The key is shown this once; what API_KEYS holds is its hash.
 */
import { createHash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';

const SCOPES = ['classify', 'generate', 'tasks', 'metrics', 'admin'];
const USAGE = `Usage: npm run key -- --name <client> --scopes ${SCOPES.join(',')}`;

const fail = (reason) => {
  console.error(`${reason}\n${USAGE}`);
  process.exit(1);
};

const readOptions = () => {
  try {
    return parseArgs({ options: { name: { type: 'string' }, scopes: { type: 'string' } } }).values;
  } catch (error) {
    return fail(error.message);
  }
};

const { name = '', scopes: list = '' } = readOptions();
const scopes = [...new Set(list.split(/[,+\s]+/).filter((scope) => scope !== ''))];
const unknown = scopes.filter((scope) => !SCOPES.includes(scope));

if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) || name.toLowerCase() === 'anonymous') {
  fail('--name must be 1 to 64 letters, digits, dots, dashes or underscores (not "anonymous").');
}
if (scopes.length === 0) fail('--scopes must name at least one scope.');
if (unknown.length > 0) fail(`Unknown scope: ${unknown.join(', ')}.`);

const key = `desk_${randomBytes(32).toString('base64url')}`;
const hash = createHash('sha256').update(key).digest('hex');

console.log(`Key of ${name}, shown only now. Give it to the client; it is not stored anywhere:

  ${key}

Add this to API_KEYS (entries are separated by commas) and restart:

  ${name}:${scopes.join('+')}:${hash}

To roll a key: add the new entry under the same name beside the old one, restart, move the client
to the new key, then remove the old entry and restart.`);
