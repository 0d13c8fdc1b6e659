import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
export const MODEL_DIR = join(ROOT, 'models', 'classify_cnn');
export const SOURCE_PHOTO = join(
  ROOT,
  'node_modules/startbootstrap-creative/dist/assets/img/bg-masthead.jpg',
);
export const PERFORMANCE_PAGE = join(ROOT, 'docs', 'performance.md');
/** Kept from one run to the next: installing the peers takes longer than measuring them. */
export const PEERS_DIR = join(tmpdir(), 'desk-ai-bench-peers');
