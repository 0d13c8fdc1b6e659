import { el, httpUrl, langOf } from './dom.js';
import { t } from './language.js';

/**
 * Items with their products; a keyword without an item of its own comes last.
 *
 * @param {any} task
 * @returns {{ keyword: string, label: string, reason: string, details: any[] }[]}
 */
export const mergeItems = ({ items = [], products = [] }) => {
  const merged = new Map(items.map((item) => [item.keyword, { ...item, details: [] }]));
  for (const { keyword, details } of products) {
    merged.set(keyword, { label: '', reason: '', ...merged.get(keyword), keyword, details });
  }
  return [...merged.values()];
};

/** What to buy: each item with the reason for it and the products that were found. */
export const itemsView = (task, toOwn) => {
  const items = mergeItems(task);
  const isCatalogue = String(task.provider?.products ?? '').includes('catalogue');
  return el(
    'section',
    { 'aria-labelledby': 'items-title' },
    el('h2', { id: 'items-title' }, t('itemsTitle')),
    items.length === 0
      ? el('p', { class: 'dim' }, t('noItems'))
      : el(
          'ol',
          { class: 'items' },
          items.map((item) => itemRow(item, toOwn)),
        ),
    isCatalogue && el('p', { class: 'hint dim' }, t('catalogueNote')),
  );
};

const itemRow = ({ keyword, label, reason, details }, toOwn) =>
  el(
    'li',
    { class: 'item' },
    el(
      'div',
      { class: 'why' },
      el(
        'h3',
        {},
        el('span', { lang: 'ko' }, keyword),
        label && el('span', { class: 'dim', lang: 'en' }, ` ${label}`),
      ),
      reason && el('p', { class: 'dim', lang: langOf(reason) }, reason),
    ),
    details.length === 0
      ? el('p', { class: 'dim' }, t('noProducts'))
      : el(
          'ul',
          { class: 'cards' },
          details.map((product) => card(product, toOwn)),
        ),
  );

const card = (product, toOwn) => {
  const link = httpUrl(product.link);
  const categories = [product.main_category, product.sub_category].filter(Boolean).join(' › ');
  return el(
    'li',
    { class: 'product' },
    el('span', { class: 'icon' }, picture(product, toOwn)),
    el(
      'div',
      { class: 'what' },
      el(
        'p',
        { class: 'name', lang: 'ko' },
        link
          ? el(
              'a',
              { href: link, rel: 'noopener noreferrer', target: '_blank' },
              String(product.title ?? ''),
              el('span', { class: 'hidden' }, ` ${t('newTab')}`),
            )
          : String(product.title ?? ''),
      ),
      el('p', { class: 'price' }, won(product.price)),
      el(
        'p',
        { class: 'dim', lang: 'ko' },
        [product.mall, categories].filter(Boolean).join(' · '),
        link && el('span', { 'aria-hidden': 'true' }, ' ↗'),
      ),
    ),
  );
};

/** The title beside it says what it is, so the picture has no text of its own. */
const picture = ({ image, sub_category: category, title }, toOwn) => {
  const initial = () =>
    el(
      'span',
      { class: 'initial', 'aria-hidden': 'true' },
      [...String(category || title || '?')][0],
    );
  const src = httpUrl(image);
  if (!src) return initial();
  const img = el('img', { src: toOwn(src), alt: '', width: 56, height: 56, loading: 'lazy' });
  img.addEventListener('error', () => img.replaceWith(initial()));
  return img;
};

const won = (price) =>
  /^\d+$/.test(String(price)) ? `₩${Number(price).toLocaleString('en-US')}` : String(price ?? '');
