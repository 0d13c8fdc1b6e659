import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { CATALOGUE } from './catalogue.js';

const SLUGS: ReadonlySet<string> = new Set(CATALOGUE.map(({ slug }) => slug));

/** `src/` and `dist/` lie at different depths below the project, so its folder is looked for. */
const findProjectFolder = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
};

const ICON_FOLDER = join(findProjectFolder(), 'assets', 'catalogue');

/**
 * The SVG drawing of a catalogue category, undefined for anything that is not one. Only names from
 * the catalogue itself reach the file system, so no path can be smuggled in.
 */
export const findCatalogueIcon = async (slug: string): Promise<Buffer | undefined> =>
  SLUGS.has(slug) ? readFile(join(ICON_FOLDER, `${slug}.svg`)) : undefined;
