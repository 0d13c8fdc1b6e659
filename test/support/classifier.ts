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
