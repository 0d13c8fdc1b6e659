import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type ClassifierConfig } from '../../src/config/classifier.config.js';
import { type IntakeConfig } from '../../src/config/intake.config.js';

export const ROOT = join(import.meta.dirname, '..', '..');

/** The folder of the model that we ship. */
export const SHIPPED = join(ROOT, 'models', 'classify_cnn');

export const intake = { maxPixels: 50_000_000, decodeTimeoutMs: 10_000 } as IntakeConfig;

/** The shipped model on one thread, with the cache off. */
export const config = (change: Partial<ClassifierConfig> = {}): ClassifierConfig => ({
  modelDir: SHIPPED,
  threshold: undefined,
  threads: 1,
  nice: 0,
  queueLimit: 64,
  cacheSize: 0,
  followUp: 'none',
  ...change,
});

/** Writes `from`'s manifest into a model folder, with some fields changed. */
export const changeManifest = async (
  folder: string,
  change: Readonly<Record<string, unknown>>,
  from = folder,
): Promise<void> => {
  const manifest = JSON.parse(await readFile(join(from, 'model.json'), 'utf8')) as object;
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...manifest, ...change }));
};
