const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
]);
const MAX_CODE_POINT = 0x10_ffff;
const TAG = /<\/?[A-Za-z][^<>]*>/g;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu;
const MAX_LENGTH = 200;

const decodeOne = (whole: string, name: string): string => {
  if (!name.startsWith('#')) return NAMED.get(name.toLowerCase()) ?? whole;
  const isHex = name[1] === 'x' || name[1] === 'X';
  const code = Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
  return code > 0 && code <= MAX_CODE_POINT ? String.fromCodePoint(code) : ' ';
};

const decodeEntities = (text: string): string =>
  text.replaceAll(/&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,6});/g, decodeOne);

/**
 * Plain text of a shop's title: `<b>` around the keyword and entities, as shops write them, are removed.
 * Tags are looked for again after decoding, so that `&lt;script&gt;` does not come out as markup.
 */
export const toShopText = (text: string): string =>
  decodeEntities(text.replaceAll(TAG, ''))
    .replaceAll(TAG, '')
    .replaceAll(INVISIBLE, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_LENGTH);

/** An http(s) address as text, or undefined: links go into pages. */
export const toShopLink = (text: string): string | undefined => {
  const decoded = decodeEntities(text.trim());
  const address = decoded.startsWith('//') ? `https:${decoded}` : decoded;
  if (!URL.canParse(address)) return undefined;
  const { protocol, username } = new URL(address);
  return /^https?:$/.test(protocol) && username === '' ? address : undefined;
};

/** Whole won; undefined for "none", which shops write as `0` or as nothing. */
export const toPriceKrw = (text: string): number | undefined => {
  const digits = text.replaceAll(',', '').trim();
  if (!/^\d{1,12}$/.test(digits)) return undefined;
  const price = Number(digits);
  return price > 0 ? price : undefined;
};
