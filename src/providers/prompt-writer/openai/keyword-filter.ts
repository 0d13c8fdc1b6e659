/**
 * What the vision model wrote goes into search queries and pages, and the model has read a stranger's
 * photo: so it is foreign text, however politely it was asked for.
 */
const MIN_LENGTH = 2;
const MAX_LENGTH = 30;
const MAX_LABEL = 40;
const MAX_REASON = 200;
/** More words are a sentence, not a product. */
const MAX_WORDS = 5;

const KEYWORD = /^[\p{Script=Hangul}A-Za-z0-9][\p{Script=Hangul}A-Za-z0-9 .+&()-]*$/u;
const HANGUL = /\p{Script=Hangul}/u;
const LABEL = /^[A-Za-z0-9][A-Za-z0-9 .,'&()/+-]*$/;
const ADDRESS =
  /https?:|www\.|\b[a-z0-9-]+\.(?:com|net|org|kr|co|io|shop|store|xyz|example|me|ly|app|dev)\b/i;
/** Control, format (zero width, direction), surrogate and private characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu;
const MARKUP = /[<>{}[\]`|\\]/g;

const tidy = (text: string): string =>
  text.normalize('NFC').replaceAll(INVISIBLE, ' ').replaceAll(/\s+/g, ' ').trim();

/** A Korean product name, or undefined. */
export const toKeyword = (text: string): string | undefined => {
  const keyword = tidy(text);
  const isFine =
    keyword.length >= MIN_LENGTH &&
    keyword.length <= MAX_LENGTH &&
    keyword.split(' ').length <= MAX_WORDS &&
    KEYWORD.test(keyword) &&
    HANGUL.test(keyword) &&
    !ADDRESS.test(keyword);
  return isFine ? keyword : undefined;
};

export const toLabel = (text: string): string | undefined => {
  const label = tidy(text);
  const isFine =
    label.length >= MIN_LENGTH &&
    label.length <= MAX_LABEL &&
    LABEL.test(label) &&
    !ADDRESS.test(label);
  return isFine ? label : undefined;
};

const withoutAddresses = (text: string): string =>
  text
    .split(' ')
    .filter((word) => !ADDRESS.test(word))
    .join(' ');

/** Prose for people or for an image model: addresses and markup are taken out, the rest stays. */
export const toPlainText = (text: string, maxLength: number): string =>
  withoutAddresses(tidy(text.replaceAll(MARKUP, ' ')))
    .slice(0, maxLength)
    .trim();

export const toReason = (text: string): string => toPlainText(text, MAX_REASON);
