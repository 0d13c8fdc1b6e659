import { describe, expect, it } from '@jest/globals';

import { countJpegScans } from './jpeg-scans.js';
import { sharp } from './sharp.js';

const photo = sharp({ create: { width: 32, height: 32, channels: 3, background: '#7090b0' } });

describe('countJpegScans', () => {
  it('counts one scan of a baseline JPEG', async () => {
    expect(countJpegScans(await photo.clone().jpeg().toBuffer(), 64)).toBe(1);
  });

  it('counts the ten scans of a progressive JPEG', async () => {
    const progressive = await photo.clone().jpeg({ progressive: true }).toBuffer();

    expect(countJpegScans(progressive, 64)).toBe(10);
    expect(countJpegScans(progressive, 4)).toBe(5);
  });

  it('counts on where the first scan of a sequential JPEG has not all components', async () => {
    const scan = (components: number): Buffer =>
      Buffer.from([
        0xff,
        0xda,
        0,
        6 + 2 * components,
        components,
        ...Array(components * 2 + 3).fill(0),
        1,
      ]);
    const frame = Buffer.from([0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 3, 0]);

    expect(countJpegScans(Buffer.concat([frame, ...Array<Buffer>(70).fill(scan(1))]), 64)).toBe(65);
    expect(countJpegScans(Buffer.concat([frame, ...Array<Buffer>(70).fill(scan(3))]), 64)).toBe(1);
  });

  it('leaves out what lies in segments and behind the end', async () => {
    const jpeg = await photo.clone().jpeg().toBuffer();
    const marker = Buffer.from([0xff, 0xda]);
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 6]), marker, marker]);
    const file = Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2), marker, marker]);

    expect(countJpegScans(file, 64)).toBe(1);
  });

  it.each([
    ['nothing', []],
    ['a start', [0xff, 0xd8]],
    ['fill bytes only', Array<number>(50).fill(0xff)],
    ['a segment longer than the file', [0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 1]],
    ['a segment of length zero', [0xff, 0xd8, 0xff, 0xe1, 0, 0, 0xff, 0xe1, 0, 0]],
  ])('ends on %s', (_name, bytes) => {
    expect(countJpegScans(Buffer.from(bytes), 64)).toBe(0);
  });
});
