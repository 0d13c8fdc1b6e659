import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { DemoError } from './demo-error.mjs';

/**
 * Reads the user's photo. Whether it is a picture is for the service to say.
 *
 * @param {string} path absolute
 * @returns {Promise<{ name: string, bytes: Buffer }>}
 */
export const readPhoto = async (path) => {
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw new DemoError(`${path} is a folder, not a photo.`);
    if (!info.isFile()) throw new DemoError(`${path} is not a file.`);
    if (info.size === 0) throw new DemoError(`${path} is empty: there is no photo in it.`);
    return { name: basename(path), bytes: await readFile(path) };
  } catch (error) {
    throw error instanceof DemoError ? error : toDemoError(path, error);
  }
};

const REASONS = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by you (permission denied)',
  EPERM: 'may not be read by you (permission denied)',
  ENAMETOOLONG: 'is too long for a file name',
};

const toDemoError = (path, error) =>
  new DemoError(`${path} ${REASONS[error.code] ?? `cannot be read (${error.code ?? error})`}.`, {
    cause: error,
  });

/** @param {number} bytes */
export const formatBytes = (bytes) =>
  bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
