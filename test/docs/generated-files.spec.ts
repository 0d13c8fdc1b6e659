import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { renderErrorsPage } from '../../src/common/errors/errors-docs.js';
import { renderConfigurationPage, renderEnvExample } from '../../src/config/settings-docs.js';
import { renderOpenApi } from '../../src/openapi-file.js';

const read = (path: string): Promise<string> =>
  readFile(join(import.meta.dirname, '..', '..', path), 'utf8');

describe('files made by `npm run docs:generate`', () => {
  it.each([
    ['docs/errors.md', renderErrorsPage],
    ['docs/configuration.md', renderConfigurationPage],
    ['.env.example', renderEnvExample],
    ['openapi.json', renderOpenApi],
  ])('%s says what the code says', async (path, render) => {
    expect(await read(path)).toBe(await render());
  });
});
