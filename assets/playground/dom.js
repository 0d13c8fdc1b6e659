/** @param {string} id @returns {any} an element that the page has */
export const byId = (id) => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}`);
  return element;
};

/**
 * Makes an element. Children are nodes or text: nothing from the service ever becomes HTML.
 *
 * @param {string} name
 * @param {Record<string, unknown>} [attributes] null, undefined and false are left out
 * @param {...unknown} children
 * @returns {any}
 */
export const el = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);

/** The same for SVG. @param {string} name @param {Record<string, unknown>} attributes */
export const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

const fill = (element, attributes, children) => {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter(isShown).map(toNode));
  return element;
};

const isShown = (child) => child !== null && child !== undefined && child !== false;

const toNode = (child) => (child instanceof Node ? child : document.createTextNode(String(child)));

const opened = new Set();

/** A fold that stays as it is when the page is drawn again in another language. */
export const fold = (name, attributes, summary, ...children) => {
  const details = el(
    'details',
    { ...attributes, open: opened.has(name) },
    el('summary', {}, summary),
    ...children,
  );
  details.addEventListener('toggle', () => {
    if (details.open) opened.add(name);
    else opened.delete(name);
  });
  return details;
};

/** @param {unknown} url @returns {string | undefined} an address that is safe as a link */
export const httpUrl = (url) => {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
};

/** Providers answer in either language; a screen reader has to know which. */
export const langOf = (text) => (/\p{Script=Hangul}/u.test(String(text)) ? 'ko' : 'en');

/**
 * Moves the focus to a heading, and as much of what it heads into view as there is room for.
 *
 * @param {HTMLElement} heading
 * @param {HTMLElement} box
 * @param {'start' | 'nearest'} place
 */
export const goTo = (heading, box, place = 'nearest') => {
  heading.focus({ preventScroll: true });
  box.scrollIntoView({ block: place });
};
