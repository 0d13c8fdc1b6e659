/**
 * A download in a process of its own, where environment variables are real (Jest hands its tests a
 * copy that Node's own code never looks at). Usage: node download.mjs URL; prints text or error code.
 */
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

import { transformSync } from '@swc/core';

const toSource = (url) => url.replace(/\.js$/, '.ts');

registerHooks({
  resolve(specifier, context, next) {
    if (/^\..*\.js$/.test(specifier) && context.parentURL) {
      const { href } = new URL(toSource(specifier), context.parentURL);
      if (existsSync(fileURLToPath(href)))
        return { url: href, format: 'module', shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
      module: { type: 'es6' },
    });
    return { format: 'module', source: code, shortCircuit: true };
  },
});

const outbound = '../../../src/common/http/outbound';
const { GuardedHttpClient } = await import(`${outbound}/guarded-client.js`);

const client = new GuardedHttpClient({
  allowedHosts: 'any',
  allowedPrivateHosts: ['photos.test'],
  resolve: () => Promise.resolve(['127.0.0.1']),
});
const options = {
  timeoutMs: 5_000,
  firstByteTimeoutMs: 5_000,
  maxRedirects: 0,
  maxBytes: 1_000,
  signal: new AbortController().signal,
};
const outcome = await client
  .download(process.argv[2], options)
  .then(String, (error) => error.kind ?? String(error));
process.stdout.write(outcome);
