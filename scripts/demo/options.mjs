import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { DemoError } from './demo-error.mjs';

export const CONCEPTS = ['BASIC', 'MSPAINT', 'SIMPLE', 'OIL', 'CARTOON'];
const MAX_SEED = 2_147_483_647;
const SAMPLE_PHOTO = 'node_modules/startbootstrap-creative/dist/assets/img/bg-masthead.jpg';

export const HELP = `Desk AI demo: a desk photo goes in, a redesigned desk and products come out.
Starts the service on a free local port, runs one photo through its public API and writes a result page.
It needs no key and no network.

Usage
  npm run demo                             with a sample photo
  npm run demo -- my-desk.jpg [options]    with your own photo

Options
  --concept NAME           look of the picture: ${CONCEPTS.join(', ')} (default BASIC)
  --all-concepts           all five looks on one page
  --seed N                 the same seed draws the same picture (0 to ${MAX_SEED})
  --v2                     draw with the generator of v2
  --out DIR                folder of the result page (default demo-out)
  --keep                   keep the service running until Ctrl+C, so that its links stay alive
  --openai-base-url URL    let the service use a server that speaks OpenAI's protocol
  --help                   show this

Exit codes
  0  done        1  something went wrong        2  the photo is not a desk        130  interrupted`;

/**
 * @typedef {object} DemoOptions
 * @property {boolean} help
 * @property {string} photo absolute path
 * @property {boolean} isSample
 * @property {string[]} concepts
 * @property {number | undefined} seed
 * @property {'v1' | 'v2'} version
 * @property {string} out absolute path
 * @property {boolean} keep
 * @property {string | undefined} openaiBaseUrl
 */

/**
 * @param {string[]} args
 * @param {{ root: string, cwd: string }} folders the repository, and where the user's relative paths start
 * @returns {DemoOptions}
 */
export const parseOptions = (args, { root, cwd }) => {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) {
    throw new DemoError(`One photo at a time, please: got ${positionals.join(', ')}.`);
  }
  const [photo] = positionals;
  return {
    help: values.help,
    photo: photo === undefined ? resolve(root, SAMPLE_PHOTO) : resolve(cwd, photo),
    isSample: photo === undefined,
    concepts: toConcepts(values.concept, values['all-concepts']),
    seed: toSeed(values.seed),
    version: values.v2 ? 'v2' : 'v1',
    out: values.out === undefined ? resolve(root, 'demo-out') : resolve(cwd, values.out),
    keep: values.keep,
    openaiBaseUrl: toHttpUrl(values['openai-base-url']),
  };
};

/** @param {string[]} args */
const parse = (args) => {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        concept: { type: 'string' },
        'all-concepts': { type: 'boolean', default: false },
        seed: { type: 'string' },
        v2: { type: 'boolean', default: false },
        out: { type: 'string' },
        keep: { type: 'boolean', default: false },
        'openai-base-url': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (cause) {
    // Node's first sentence says which option; the rest is about its own syntax.
    const sentence = String(cause instanceof Error ? cause.message : cause).split(/\.\s|\n/)[0];
    throw new DemoError(`${sentence}. Try --help.`, { cause });
  }
};

const toConcepts = (concept, isAll) => {
  if (isAll && concept !== undefined) {
    throw new DemoError('Choose either --concept or --all-concepts.');
  }
  if (isAll) return CONCEPTS;
  const name = (concept ?? 'BASIC').toUpperCase();
  if (!CONCEPTS.includes(name)) {
    throw new DemoError(`--concept must be one of ${CONCEPTS.join(', ')}.`);
  }
  return [name];
};

const toSeed = (text) => {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > MAX_SEED) {
    throw new DemoError(`--seed must be a whole number from 0 to ${MAX_SEED}.`);
  }
  return seed;
};

const toHttpUrl = (text) => {
  if (text === undefined) return undefined;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new DemoError('--openai-base-url must be an http(s) address.');
  }
  return text;
};
