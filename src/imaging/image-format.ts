/** What we decode. HEIC is recognised, to say what to do about it, and not decoded. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif';

export type RecognisedContent =
  | { readonly kind: 'photo'; readonly format: ImageFormat }
  /** `name` completes the sentence "This is …, not a photo". */
  | { readonly kind: 'heic' }
  | { readonly kind: 'other'; readonly name: string };

interface Signature {
  readonly at: number;
  readonly bytes: string;
}

const signature = (bytes: string, at = 0): Signature => ({ at, bytes });

const PHOTO_SIGNATURES: readonly (readonly [ImageFormat, readonly Signature[]])[] = [
  ['jpeg', [signature('\xff\xd8\xff')]],
  ['png', [signature('\x89PNG\r\n\x1a\n')]],
  ['gif', [signature('GIF87a')]],
  ['gif', [signature('GIF89a')]],
  ['webp', [signature('RIFF'), signature('WEBP', 8)]],
];

/** People do send these; everything else is "a file of an unknown kind". */
const OTHER_SIGNATURES: readonly (readonly [string, readonly Signature[]])[] = [
  ['a PDF document', [signature('%PDF')]],
  ['a TIFF or camera raw image', [signature('II*\0')]],
  ['a TIFF or camera raw image', [signature('MM\0*')]],
  ['a TIFF or camera raw image', [signature('II+\0')]],
  ['a TIFF or camera raw image', [signature('MM\0+')]],
  ['a BMP image', [signature('BM')]],
  ['a Windows icon', [signature('\0\0\x01\0')]],
  ['a Windows cursor', [signature('\0\0\x02\0')]],
  ['a Photoshop document', [signature('8BPS')]],
  ['a JPEG XL image', [signature('\xff\x0a')]],
  ['a JPEG XL image', [signature('\0\0\0\x0cJXL \r\n\x87\n')]],
  ['a JPEG 2000 image', [signature('\0\0\0\x0cjP  \r\n\x87\n')]],
  ['a JPEG 2000 image', [signature('\xff\x4f\xff\x51')]],
  ['a ZIP archive or office document', [signature('PK\x03\x04')]],
  ['a ZIP archive or office document', [signature('PK\x05\x06')]],
  ['a gzip archive', [signature('\x1f\x8b')]],
  ['a RAR archive', [signature('Rar!\x1a\x07')]],
  ['a 7-Zip archive', [signature("7z\xbc\xaf'\x1c")]],
  ['a video', [signature('\x1aE\xdf\xa3')]],
  ['a video', [signature('RIFF'), signature('AVI ', 8)]],
  ['a video', [signature('ftyp', 4)]],
  ['a program', [signature('\x7fELF')]],
  ['a program', [signature('MZ')]],
  ['a PostScript document', [signature('%!PS')]],
  ['an OpenEXR image', [signature('\x76\x2f\x31\x01')]],
];

const AVIF_BRANDS = new Set(['avif', 'avis']);
const HEIC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const HEIF_BRANDS = new Set(['mif1', 'mif2', 'msf1', 'miaf']);

const matches = (head: string, signatures: readonly Signature[]): boolean =>
  signatures.every(({ at, bytes }) => head.startsWith(bytes, at));

/** Brands of an ISO media file (`ftyp` box): the major one, then the compatible ones. */
const readBrands = (bytes: Buffer): readonly string[] => {
  if (bytes.length < 16 || bytes.toString('latin1', 4, 8) !== 'ftyp') return [];
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, 256);
  const brands = [bytes.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(bytes.toString('latin1', at, at + 4));
  return brands;
};

const recogniseHeif = (bytes: Buffer): RecognisedContent | undefined => {
  const brands = readBrands(bytes);
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return { kind: 'photo', format: 'avif' };
  const isHeif = brands.some((brand) => HEIC_BRANDS.has(brand) || HEIF_BRANDS.has(brand));
  return isHeif ? { kind: 'heic' } : undefined;
};

const nameText = (bytes: Buffer): string | undefined => {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8';
  const text = bytes
    .toString(encoding, 0, 1_024)
    .replace(/^\uFEFF/, '')
    .trimStart();
  const start = text.toLowerCase();
  if (start.startsWith('<svg') || (start.startsWith('<?xml') && start.includes('<svg'))) {
    return 'an SVG drawing';
  }
  if (/^<(?:!doctype html|html|head|body|script|!--)/.test(start)) return 'an HTML page';
  if (start.startsWith('<')) return 'an XML document';
  if (/^[{[]/.test(start)) return 'JSON text';
  // eslint-disable-next-line no-control-regex -- control characters are what tells binary from text
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? undefined : 'plain text';
};

/** Looks at the first bytes only; neither the file's name nor the server's header counts. */
export const recogniseContent = (bytes: Buffer): RecognisedContent => {
  if (bytes.length === 0) return { kind: 'other', name: 'an empty file' };
  const head = bytes.toString('latin1', 0, 32);
  const photo = PHOTO_SIGNATURES.find(([, signatures]) => matches(head, signatures));
  if (photo) return { kind: 'photo', format: photo[0] };
  const heif = recogniseHeif(bytes);
  if (heif) return heif;
  const other = OTHER_SIGNATURES.find(([, signatures]) => matches(head, signatures));
  const name = other?.[0] ?? nameText(bytes) ?? 'a file of an unknown kind';
  return { kind: 'other', name };
};
