import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { hasCode } from '../../common/errors/system-error.js';
import { type UploadRequest } from './image-store.port.js';

const KEY_FILE = 'upload-signing.key';
const KEY_BYTES = 32;

/** Signs upload links, so that only links that we gave out can be used, once each and for a while. */
export class UploadSigner {
  constructor(private readonly key: string) {}

  /** Takes the configured key, or makes one that stays in the data folder. */
  static async open(dataDir: string, configuredKey: string | undefined): Promise<UploadSigner> {
    if (configuredKey !== undefined) return new UploadSigner(configuredKey);
    await mkdir(dataDir, { recursive: true });
    const path = join(dataDir, KEY_FILE);
    try {
      // `wx` lets the first of several processes win; the others read its key.
      await writeFile(path, randomBytes(KEY_BYTES).toString('hex'), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    return new UploadSigner(await readFile(path, 'utf8'));
  }

  sign(request: UploadRequest, expiresAt: Date): string {
    const { name, contentType, maxBytes } = request;
    return createHmac('sha256', this.key)
      .update([name, contentType, maxBytes, expiresAt.getTime()].join('\n'))
      .digest('base64url');
  }

  verify(request: UploadRequest, expiresAt: Date, signature: string): boolean {
    const expected = Buffer.from(this.sign(request, expiresAt));
    const actual = Buffer.from(signature);
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  }
}
