import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'scripts', 'promtool.mjs');

/** Where promtool is; undefined, with the reason printed, where it cannot be had. */
export const findPromtool = (): string | undefined => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], { encoding: 'utf8' });
  if (status === 0) return stdout;
  process.stderr.write(`Skipped: ${stderr}`);
  return undefined;
};

/** @returns what it prints; throws with that when it is not content */
export const runPromtool = (promtool: string, parameters: readonly string[], input = ''): string =>
  execFileSync(promtool, parameters, { input, encoding: 'utf8' });
