import { describe, expect, it } from '@jest/globals';

import { recogniseContent } from './image-format.js';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const box = (major: string, ...compatible: string[]): Buffer => {
  const size = String.fromCharCode(16 + compatible.length * 4);
  return latin1(`\0\0\0${size}ftyp${major}\0\0\0\0${compatible.join('')}`);
};

describe('recogniseContent', () => {
  it.each([
    ['jpeg', latin1('\xff\xd8\xff\xe0')],
    ['png', latin1('\x89PNG\r\n\x1a\n')],
    ['gif', latin1('GIF87a')],
    ['gif', latin1('GIF89a')],
    ['webp', latin1('RIFF\x10\0\0\0WEBPVP8 ')],
    ['avif', box('avif', 'mif1')],
    ['avif', box('mif1', 'miaf', 'avif')],
    ['avif', box('avis', 'msf1')],
  ])('recognises %s', (format, bytes) => {
    expect(recogniseContent(bytes)).toEqual({ kind: 'photo', format });
  });

  it.each([
    ['an iPhone photo', box('heic', 'mif1', 'heic')],
    ['a 10-bit HEIC', box('heix')],
    ['a HEIF with a generic brand', box('mif1', 'heic')],
    ['a burst', box('hevc', 'msf1')],
  ])('recognises %s as HEIC', (_name, bytes) => {
    expect(recogniseContent(bytes)).toEqual({ kind: 'heic' });
  });

  it.each([
    ['an HTML page', '  <!doctype HTML>'],
    ['an SVG drawing', '<?xml version="1.0"?>\n<svg>'],
    ['an XML document', '<?xml version="1.0"?><Error/>'],
    ['JSON text', '[1]'],
    ['plain text', 'not found'],
    ['a video', '\0\0\0\x18ftypisom\0\0\0\0mp42'],
    ['a file of an unknown kind', '\x02\x03'],
  ])('names %s', (name, text) => {
    expect(recogniseContent(latin1(text))).toEqual({ kind: 'other', name });
  });

  it('does not believe a brand beyond the end of its box', () => {
    expect(recogniseContent(Buffer.concat([box('isom'), latin1('avif')]))).toEqual({
      kind: 'other',
      name: 'a video',
    });
  });
});
