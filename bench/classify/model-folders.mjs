import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readManifest } from './bare.mjs';
import { MODEL_DIR } from './paths.mjs';

/** The shipped model with another manifest. */
const makeFolder = (folder, name, manifest) => {
  const directory = join(folder, name);
  mkdirSync(directory);
  const files = [manifest.file, manifest.tags?.labels].filter((file) => file !== undefined);
  for (const file of files) symlinkSync(join(MODEL_DIR, file), join(directory, file));
  writeFileSync(join(directory, 'model.json'), JSON.stringify(manifest));
  return directory;
};

/**
 * Whether a photo leaves doubt is an accident of the photo, and the raw limit and the peers know one
 * look only. So one folder never looks twice, and the other one always does.
 */
export const makeModelFolders = (folder) => {
  const manifest = readManifest();
  const make = (name, look) => makeFolder(folder, name, { ...manifest, second_look: look });
  const { second_look: look } = manifest;
  return {
    oneLook: make('one-look', null),
    twoLooks: look ? make('two-looks', { ...look, above: 0, below: 1 }) : undefined,
  };
};
