/** Writes the pages and files that are made from the code; a test fails when they differ from it. */
import 'reflect-metadata';

import { writeFile } from 'node:fs/promises';

import { renderErrorsPage } from '../dist/common/errors/errors-docs.js';
import { renderConfigurationPage, renderEnvExample } from '../dist/config/settings-docs.js';
import { renderOpenApi } from '../dist/openapi-file.js';

const files = {
  'docs/errors.md': renderErrorsPage(),
  'docs/configuration.md': renderConfigurationPage(),
  '.env.example': renderEnvExample(),
  'openapi.json': await renderOpenApi(),
};
for (const [path, text] of Object.entries(files)) await writeFile(path, text);
console.log(`Written: ${Object.keys(files).join(', ')}`);
