import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `src/common` and `dist/common` are equally deep, so both find the project's package.json. */
const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'package.json');

export const packageVersion = (): string => {
  const json: unknown = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  return typeof json === 'object' && json !== null && 'version' in json
    ? String(json.version)
    : 'unknown';
};
