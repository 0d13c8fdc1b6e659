import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ROOT } from '../classify/paths.mjs';

const FIXTURES = join(ROOT, 'test', 'fixtures', 'nvidia-smi');

/** A folder for the PATH with an `nvidia-smi` that can be exchanged while the service runs. */
export const createGpuStandIn = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'desk-ai-gpu-'));
  /** At once: a check in between must not find that the tool is missing. */
  const play = async (scenario) => {
    const next = join(folder, 'next');
    await symlink(join(FIXTURES, scenario, 'nvidia-smi'), next);
    await rename(next, join(folder, 'nvidia-smi'));
  };
  await play('healthy-l4');
  return { folder, play, remove: () => rm(folder, { recursive: true, force: true }) };
};
