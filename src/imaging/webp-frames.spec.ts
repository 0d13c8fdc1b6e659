import { describe, expect, it } from '@jest/globals';

import { repeatWebpFrame } from '../../test/fixtures/image-bytes.js';
import { sharp } from './sharp.js';
import { countWebpFrames } from './webp-frames.js';

const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#7090b0' } });

describe('countWebpFrames', () => {
  it('counts none in a still picture', async () => {
    expect(countWebpFrames(await picture.clone().webp().toBuffer(), 10)).toBe(0);
  });

  it('counts what libvips counts, up to the limit', async () => {
    const animation = repeatWebpFrame(await picture.clone().webp().toBuffer(), 8, 25);

    expect((await sharp(animation).metadata()).pages).toBe(25);
    expect(countWebpFrames(animation, 1_000)).toBe(25);
    expect(countWebpFrames(animation, 10)).toBe(11);
  });

  it('steps over the padding of chunks of odd length', () => {
    const chunk = (type: string, data: string): Buffer => {
      const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
      head.writeUInt32LE(data.length, 4);
      return Buffer.concat([head, Buffer.from(data + '\0'.repeat(data.length % 2))]);
    };
    const file = Buffer.concat([
      Buffer.alloc(12),
      chunk('EXIF', 'odd'),
      chunk('ANMF', 'even'),
      chunk('XMP ', 'ANMF\0\0\0\0'),
      chunk('ANMF', 'odd'),
    ]);

    expect(countWebpFrames(file, 10)).toBe(2);
  });

  it.each([0, 11, 12, 15, 19])('copes with a file of %i bytes', (length) => {
    expect(countWebpFrames(Buffer.alloc(length, 0xff), 10)).toBe(0);
  });
});
