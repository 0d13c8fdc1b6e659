import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import { describe, expect, it } from '@jest/globals';

const SOURCE = join(process.cwd(), 'src');

/** The gate itself. */
const GATE = 'common/http/outbound/';

/** Adapters whose address is a setting of the operator, never part of a request. */
const CONFIGURED_UPSTREAMS: Readonly<Record<string, string>> = {
  'providers/prompt-writer/': 'OPENAI_BASE_URL',
  'providers/image-generator/': 'OPENAI_BASE_URL, CUSTOM_INFERENCE_URL',
  'providers/openai/': 'OPENAI_BASE_URL: what the OpenAI adapters share',
  'providers/upstream/': 'bounded fetch for the adapters of this list; see UNGUARDED_HELPERS',
  'providers/product-search/': 'NAVER_BASE_URL and its like',
  'providers/image-store/': 'S3_ENDPOINT',
};

/** node:http for what it may be used for elsewhere: the server side. */
const SERVER_ONLY =
  /^import\s+(?:type\s+[^;]*|\{\s*(?:type\s+\w+|createServer|STATUS_CODES|,|\s)+\})\s*from\s+'node:http'/;

const CLIENT_MODULES = [
  'undici',
  'axios',
  'got',
  'node-fetch',
  'ky',
  'superagent',
  'needle',
  '@nestjs/axios',
  'openai',
  '@aws-sdk/client-s3',
  'http',
  'https',
  'http2',
  'net',
  'tls',
  'dgram',
  'node:http',
  'node:https',
  'node:http2',
  'node:net',
  'node:tls',
  'node:dgram',
];

/** Clients of ours without the gate: whoever imports one stands in the list above or is an offender. */
const UNGUARDED_HELPERS = /\/upstream-client\.js$/;

/** Pure helpers of node:net that open nothing. */
const ADDRESS_HELPERS =
  /^import\s+\{\s*(?:isIPv?[46]?|BlockList|type\s+\w+|,|\s)+\}\s*from\s+'node:net'/;

const GLOBALS =
  /(?<![.\w'`])(?:fetch\s*\(|new\s+(?:XMLHttpRequest|WebSocket|EventSource)\b)|globalThis\s*(?:\.|\[')fetch/;

const withoutComments = (code: string): string =>
  code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

/** Ways out of the process that a file uses. */
const findClients = (code: string): string[] => {
  const text = withoutComments(code);
  const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?from\s+'([^']+)'/gm)]
    .filter(([statement]) => !/^(?:import|export)\s+type\b/.test(statement))
    .filter(([statement]) => !SERVER_ONLY.test(statement) && !ADDRESS_HELPERS.test(statement))
    .map(([, name = '']) => name);
  const dynamic = [...text.matchAll(/(?:import|require)\s*\(\s*['"`]([^'"`]+)/g)].map(
    ([, name = '']) => name,
  );
  const modules = [...imports, ...dynamic].filter(
    (name) =>
      UNGUARDED_HELPERS.test(name) ||
      CLIENT_MODULES.some((client) => name === client || name.startsWith(`${client}/`)),
  );
  // A method that is itself called fetch is declared, not called, at the start of its line.
  const calls = text.replace(/^\s*(?:private |public |protected )?(?:async )?fetch\s*\(/gm, '');
  return GLOBALS.test(calls) ? [...modules, 'fetch'] : modules;
};

const sourceFiles = readdirSync(SOURCE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name) && !entry.name.includes('.spec.'))
  .map((entry) => relative(SOURCE, join(entry.parentPath, entry.name)).split(sep).join('/'));

const isAllowed = (path: string): boolean =>
  [GATE, ...Object.keys(CONFIGURED_UPSTREAMS)].some((folder) => path.startsWith(folder));

describe('the one gate', () => {
  it('is the only file that builds an HTTP client for addresses from outside', () => {
    const offenders = sourceFiles
      .filter((path) => !isAllowed(path))
      .map((path) => ({ path, clients: findClients(readFileSync(join(SOURCE, path), 'utf8')) }))
      .filter(({ clients }) => clients.length > 0);

    expect(offenders).toEqual([]);
  });

  it('looks at the files that matter', () => {
    expect(sourceFiles).toContain('providers/image-source/http-image-source.ts');
    expect(sourceFiles).toContain('common/http/outbound/exchange.ts');
  });

  it.each([
    "import { request } from 'undici';",
    "import { Agent } from 'node:http';",
    "import http from 'node:http';",
    "import * as https from 'node:https';",
    "import { get } from 'http';",
    "import { connect } from 'node:net';",
    "import axios from 'axios';",
    "export { fetch } from 'undici';",
    "const { request } = await import('node:https');",
    "const http = require('http');",
    "import { exchange } from '../providers/upstream/upstream-client.js';",
    'const answer = await fetch(url);',
    'return globalThis.fetch(url);',
    'new WebSocket(url);',
  ])('notices: %s', (code) => {
    expect(findClients(code)).not.toEqual([]);
  });

  it.each([
    "import { createServer } from 'node:http';",
    "import { type IncomingMessage, type ServerResponse } from 'node:http';",
    "import type { IncomingMessage } from 'node:http';",
    "import { isIP } from 'node:net';",
    '  async fetch(url: string): Promise<Buffer> {',
    'this.imageSource.fetch(url, signal);',
    '// fetch(url) would not do',
  ])('leaves alone: %s', (code) => {
    expect(findClients(code)).toEqual([]);
  });
});
