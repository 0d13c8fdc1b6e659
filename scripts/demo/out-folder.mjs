import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DemoError } from './demo-error.mjs';

/** Says that a folder is the demo's own, and which process uses it now. */
const MARKER = '.desk-ai-demo';
const OURS = /^(index\.html|result\.json|data|before\.jpg|after(-[a-z0-9]+)?\.jpg)$/;

/** The folder of one run: the page, its pictures and the service's data. */
export class OutFolder {
  /** @param {string} path absolute */
  constructor(path) {
    this.path = path;
    this.dataDir = join(path, 'data');
    this.page = join(path, 'index.html');
  }

  /** Removes the run before. A folder with a user's own files of these names is left alone. */
  async prepare() {
    try {
      await mkdir(this.path, { recursive: true });
      const names = (await readdir(this.path)).filter((name) => OURS.test(name));
      if (existsSync(this.#marker)) await this.#assertFree();
      else if (names.length > 0) {
        throw new DemoError(
          `${this.path} already holds ${names[0]}, which this demo did not write: choose another folder with --out.`,
        );
      }
      await writeFile(this.#marker, `${process.pid}\n`);
      await Promise.all(
        names.map((name) => rm(join(this.path, name), { recursive: true, force: true })),
      );
      await mkdir(this.dataDir, { recursive: true });
    } catch (error) {
      if (error instanceof DemoError) throw error;
      throw new DemoError(`${this.path} cannot be written (${error.code ?? error}).`, {
        cause: error,
      });
    }
  }

  /** @param {string} name @param {string | Uint8Array} content */
  async write(name, content) {
    await writeFile(join(this.path, name), content);
  }

  async release() {
    await writeFile(this.#marker, '').catch(() => undefined);
  }

  get #marker() {
    return join(this.path, MARKER);
  }

  async #assertFree() {
    const pid = Number((await readFile(this.#marker, 'utf8')).trim());
    if (!pid || pid === process.pid || !isAlive(pid)) return;
    throw new DemoError(
      `Another demo (process ${pid}) is using ${this.path}: end it, or choose another folder with --out.`,
    );
  }
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};
