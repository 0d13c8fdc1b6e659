/** Text that is HTML already. */
class Markup {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const toMarkup = (value) => {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(toMarkup).join('');
  if (value === undefined || value === null || value === false) return '';
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]);
};

/** A template whose values are escaped, but for what `html` itself made. Quote every attribute. */
export const html = (strings, ...values) =>
  new Markup(String.raw({ raw: strings }, ...values.map(toMarkup)));

/** For our own style and script, which are not to be escaped. */
export const raw = (text) => new Markup(text);

/** English with its Korean beside it. */
export const both = (english, korean) =>
  html`${english} <span class="ko" lang="ko">${korean}</span>`;

/** @param {unknown} url @returns {string | undefined} an address that is safe as a link */
export const httpUrl = (url) => {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
};

/** @param {unknown} price a string of digits */
export const won = (price) =>
  /^\d+$/.test(String(price)) ? `₩${Number(price).toLocaleString('en-US')}` : String(price ?? '');

export const seconds = (ms) =>
  ms < 10 ? `${ms} ms` : `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;

/** Providers answer in either language; a screen reader has to know which. */
export const langOf = (text) => (/\p{Script=Hangul}/u.test(String(text)) ? 'ko' : 'en');
