import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Injectable } from '@nestjs/common';

/** `src/playground` and `dist/playground` are equally deep. */
const PROJECT = join(import.meta.dirname, '..', '..');
const FOLDER = join(PROJECT, 'assets', 'playground');
/** A development dependency (MIT): its photo is used where it is, and is not there in production. */
const SAMPLE = join(
  PROJECT,
  'node_modules/startbootstrap-creative/dist/assets/img/bg-masthead.jpg',
);

const PAGE = 'index.html';
/** No dots but the last one and no slashes: no path can be smuggled in. */
const ASSET = /^[a-z][a-z0-9-]*\.(js|css)$/;

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

export interface PlaygroundFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** Changes with the content. */
  readonly etag: string;
}

/** The page's files, read anew each time: they are small, and an edit is seen without a restart. */
@Injectable()
export class PlaygroundFiles {
  findPage(): Promise<PlaygroundFile | undefined> {
    return find(join(FOLDER, PAGE), 'text/html; charset=utf-8');
  }

  async findAsset(name: string): Promise<PlaygroundFile | undefined> {
    const contentType = TYPES[ASSET.exec(name)?.[1] ?? ''];
    return contentType === undefined ? undefined : find(join(FOLDER, name), contentType);
  }

  findSample(): Promise<PlaygroundFile | undefined> {
    return find(SAMPLE, 'image/jpeg');
  }
}

const find = async (path: string, contentType: string): Promise<PlaygroundFile | undefined> => {
  const bytes = await readFile(path).catch(unlessAbsent);
  if (!bytes) return undefined;
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
  return { bytes, contentType, etag: `"${hash}"` };
};

const unlessAbsent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT') return undefined;
  throw error;
};
