import { statfs } from 'node:fs/promises';

import { failed, type HealthCheck, ok } from '../health-check.js';

interface DiskOptions {
  readonly folder: string;
  readonly minBytes: number;
  readonly timeoutMs: number;
}

const toMb = (bytes: number): number => Math.floor(bytes / 1_048_576);

/** Room for what this instance has to write, in bytes and in files. */
export const diskCheck = ({ folder, minBytes, timeoutMs }: DiskOptions): HealthCheck => ({
  name: 'disk',
  scope: 'instance',
  whenLate: 'busy',
  timeoutMs,
  async run() {
    const { bavail, bsize, files, ffree } = await statfs(folder);
    const freeBytes = bavail * bsize;
    const data = { free_mb: toMb(freeBytes), min_free_mb: toMb(minBytes) };
    if (freeBytes < minBytes) return failed('The disk of the data folder is almost full.', data);
    // Some file systems make inodes as they need them and report 0 of 0.
    if (files > 0 && ffree === 0) {
      return failed('The disk of the data folder has no room for another file.', data);
    }
    return ok(data);
  },
});
