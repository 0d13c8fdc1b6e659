import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runProgram } from '../children.mjs';
import { PEERS_DIR, ROOT } from '../paths.mjs';

const ours = JSON.parse(
  readFileSync(join(ROOT, 'node_modules/onnxruntime-node/package.json'), 'utf8'),
).version;

/** The runtime is the version that we use ourselves. */
export const PACKAGES = [
  'fastapi==0.165.0',
  'uvicorn==0.54.0',
  `onnxruntime==${ours}`,
  'pillow==13.0.0',
  'numpy==2.4.6',
  'requests==2.34.2',
  'onnx==1.23.2',
];

/** Makes the virtual environment once. @returns {Promise<string>} its Python */
export const installPython = async () => {
  const folder = join(PEERS_DIR, 'python');
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'packages.txt');
  const wanted = PACKAGES.join('\n');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  await rm(folder, { recursive: true, force: true });
  await mkdir(PEERS_DIR, { recursive: true });
  await runProgram('python3', ['-m', 'venv', folder]);
  await runProgram(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  await writeFile(stamp, wanted);
  return python;
};
