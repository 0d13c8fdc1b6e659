import { compareView } from './compare.js';
import { byId, el, fold } from './dom.js';
import { itemsView, mergeItems } from './items.js';
import { hasText, seconds, t } from './language.js';
import { makingView } from './making.js';
import { copyButton, rawView } from './raw.js';

/**
 * @typedef {object} Result
 * @property {any} task that has succeeded
 * @property {any} verdict answer of POST /classify; null when the page was opened with a task
 * @property {{ step: string, startMs: number, endMs: number }[]} steps
 * @property {string} before address of the photo
 * @property {{ version: string, concept: string, seed?: number, photoName: string, photoType: string }} request
 */

export const hideResult = () => {
  byId('result').hidden = true;
  byId('result').replaceChildren();
};

/**
 * @param {Result} result
 * @param {import('./api.js').DeskApi} api
 * @param {boolean} needsKey
 */
export const showResult = (result, api, needsKey) => {
  const { task, before, request } = result;
  const toOwn = (url) => api.toOwn(url);
  const after = toOwn(String(task.processed_image_url ?? ''));
  const look = lookName(task.concept);
  const heading = el(
    'h2',
    { id: 'result-title', tabindex: '-1' },
    t('resultTitle'),
    ' ',
    el('span', { class: 'dim' }, look),
  );
  byId('result').replaceChildren(
    el(
      'section',
      { 'aria-labelledby': 'result-title' },
      heading,
      compareView({ before, after, look }),
      el(
        'p',
        { class: 'row end' },
        el(
          'a',
          { href: after, target: '_blank', rel: 'noopener noreferrer' },
          t('openPicture'),
          el('span', { class: 'hidden' }, ` ${t('newTab')}`),
        ),
      ),
    ),
    facts(result),
    itemsView(task, toOwn),
    promptView(String(task.prompt ?? '')),
    makingView(result),
    rawView({ task, request, root: api.root.href, needsKey }),
  );
  byId('result').hidden = false;
  return heading;
};

/** @param {string} concept */
export const lookName = (concept) =>
  hasText(`look.${concept}`) ? t(`look.${concept}`) : String(concept);

/** The numbers that people ask for first. */
const facts = ({ task, verdict, steps }) => {
  const items = mergeItems(task);
  const products = items.reduce((sum, { details }) => sum + details.length, 0);
  const took = Math.max(0, ...steps.map(({ endMs }) => endMs));
  const rows = [
    ['fact.score', verdict ? `${(verdict.confidence * 100).toFixed(1)} %` : '–'],
    ['fact.time', seconds(took)],
    ['fact.cost', usd(task.cost?.usd)],
    ['fact.items', items.length],
    ['fact.products', products],
  ];
  return el(
    'dl',
    { class: 'facts' },
    rows.map(([key, value]) => el('div', {}, el('dt', {}, t(key)), el('dd', {}, value))),
  );
};

/** Nothing is made up: a price that is not known is not shown as zero. */
const usd = (amount) => {
  if (typeof amount !== 'number') return t('unknown');
  return amount === 0 ? '$0' : `$${amount.toFixed(4)}`;
};

/** The first line says what it is about; the rest is there for those who want it. */
const promptView = (prompt) => {
  const [first, ...rest] = prompt.split(/\n+/);
  const source = el('blockquote', { lang: 'en' }, el('p', { class: 'first' }, first));
  if (rest.length > 0) {
    const summary = el('span', { lang: document.documentElement.lang }, t('wholePrompt'));
    source.append(fold('prompt', {}, summary, rest.map(paragraph)));
  }
  return el(
    'section',
    { 'aria-labelledby': 'prompt-title' },
    el(
      'div',
      { class: 'section-head' },
      el('h2', { id: 'prompt-title' }, t('promptTitle')),
      copyButton(t('promptTitle'), prompt, () => source),
    ),
    source,
  );
};

/** What stands before a colon names the paragraph. */
const paragraph = (line) => {
  const [, name, text] = /^([A-Z][\w ,]{1,60}:) (.+)$/.exec(line) ?? [undefined, '', line];
  return el('p', {}, name && el('b', {}, `${name} `), text);
};
