import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readManifest } from './bare.mjs';
import { MODEL_DIR } from './paths.mjs';

/** The shipped model with another `second_look` in its manifest. */
const makeFolder = (folder, name, secondLook) => {
  const manifest = readManifest();
  const directory = join(folder, name);
  mkdirSync(directory);
  const files = [manifest.file, manifest.tags?.labels].filter((file) => file !== undefined);
  for (const file of files) symlinkSync(join(MODEL_DIR, file), join(directory, file));
  const text = JSON.stringify({ ...manifest, second_look: secondLook });
  writeFileSync(join(directory, 'model.json'), text);
  return directory;
};

/**
 * Whether a photo leaves doubt is an accident of the photo, and the raw limit and the peers know one
 * look only. So one folder never looks twice, and the other one always does.
 */
export const makeModelFolders = (folder) => {
  const { second_look: look } = readManifest();
  return {
    oneLook: makeFolder(folder, 'one-look', null),
    twoLooks: look ? makeFolder(folder, 'two-looks', { ...look, above: 0, below: 1 }) : undefined,
  };
};
