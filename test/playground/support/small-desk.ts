import { sharp } from '../../../src/imaging/sharp.js';
import { readPhoto } from '../../support/photo-server.js';

export interface UploadedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const WIDTH = 800;

/** A real photo of a desk, small enough to be drawn quickly. */
export const smallDesk = async (): Promise<UploadedFile> => ({
  name: 'desk.jpg',
  mimeType: 'image/jpeg',
  buffer: await sharp(await readPhoto('whiteDesk'))
    .resize(WIDTH)
    .jpeg({ quality: 90 })
    .toBuffer(),
});
