import { byId } from './dom.js';
import { en } from './texts-en.js';
import { ko } from './texts-ko.js';

const TEXTS = { en, ko };
const STORED_AS = 'desk-ai.language';

/** @param {unknown} value @returns {value is 'en' | 'ko'} */
const isLanguage = (value) => value === 'en' || value === 'ko';

const remembered = () => {
  try {
    return localStorage.getItem(STORED_AS);
  } catch {
    // Storage may be switched off; the page works without.
    return null;
  }
};

const initial = () => {
  const stored = remembered();
  if (isLanguage(stored)) return stored;
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en';
};

/** @type {'en' | 'ko'} */
let current = initial();
const listeners = [];

export const language = () => current;

/**
 * A sentence in the page's language.
 *
 * @param {string} key
 * @param {Record<string, unknown>} [values] for `{name}` in it
 */
export const t = (key, values = {}) => {
  const text = TEXTS[current][key] ?? TEXTS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
};

/** @param {string} key */
export const hasText = (key) => Object.hasOwn(TEXTS.en, key);

/** @param {() => void} listener draws what is not in the HTML */
export const onLanguage = (listener) => listeners.push(listener);

/** @param {string} next */
export const setLanguage = (next) => {
  if (!isLanguage(next)) return;
  current = next;
  try {
    localStorage.setItem(STORED_AS, next);
  } catch {
    // See above.
  }
  show();
};

/** @param {number} ms */
export const seconds = (ms) => {
  if (ms < 10) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} ${t('unit.s')}`;
};

const show = () => {
  document.documentElement.lang = current;
  document.title = t('pageTitle');
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = t(element.getAttribute('data-text'));
  }
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.getAttribute('data-language') === current));
  }
  for (const listener of listeners) listener();
};

export const startLanguage = () => {
  for (const button of document.querySelectorAll('[data-language]')) {
    button.addEventListener('click', () => setLanguage(button.getAttribute('data-language')));
  }
  show();
};

/** Told by screen readers when they have time. @param {string} sentence */
export const announce = (sentence) => {
  byId('live').textContent = sentence;
};
