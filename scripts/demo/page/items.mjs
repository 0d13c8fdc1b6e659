import { both, html, httpUrl, langOf, won } from './html.mjs';

/** What to buy: each item with the reason for it and the products that were found. */
export const itemsSection = (items, icons, tasks) =>
  html`<section aria-labelledby="items">
    <h2 id="items">${both('To make it real', '추천 아이템')}</h2>
    ${itemList(items, icons)} ${aboutCatalogue(tasks)}
  </section>`;

/** The embedded catalogue knows no offers; a reader must not take it for a shop. */
const aboutCatalogue = (tasks) =>
  tasks.some(({ provider }) => String(provider?.products ?? '').includes('catalogue')) &&
  html`<p class="note">
    ${both(
      'Products of the embedded catalogue: usual prices, and links to a shop search.',
      '내장 카탈로그의 상품입니다. 가격은 일반적인 수준이며 링크는 쇼핑 검색으로 이어집니다.',
    )}
  </p>`;

const itemList = (items, icons) => {
  if (items.length === 0) {
    return html`<p class="empty">
      ${both('Nothing needs to be added to this desk.', '추가로 필요한 아이템이 없습니다.')}
    </p>`;
  }
  if (items.every(({ details }) => details.length === 0)) {
    return html`<ul class="plain">
      ${items.map((item) => html`<li>${why(item)}</li>`)}
    </ul>`;
  }
  return html`<ol class="items">
    ${items.map((item) => itemRow(item, icons))}
  </ol>`;
};

const why = ({ keyword, label, reason }) =>
  html`<div class="why">
    <h3><span lang="ko">${keyword}</span> <span class="dim">${label}</span></h3>
    <p lang="${langOf(reason)}">${reason}</p>
  </div>`;

const itemRow = (item, icons) =>
  html`<li class="item">
    ${why(item)}
    ${
      item.details.length === 0
        ? html`<p class="empty">${both('No product was found.', '찾은 상품이 없습니다.')}</p>`
        : html`<ul class="cards">
            ${item.details.map((product) => card(product, icons))}
          </ul>`
    }
  </li>`;

const card = (product, icons) => {
  const link = httpUrl(product.link);
  const categories = [product.main_category, product.sub_category].filter(Boolean).join(' › ');
  const title = link
    ? html`<a href="${link}" rel="noopener noreferrer" target="_blank">${product.title}</a>`
    : product.title;
  return html`<li class="card">
    <span class="icon">${icon(icons.get(product.image), product)}</span>
    <div class="what">
      <p class="name" lang="ko">${title}</p>
      <p class="price">${won(product.price)}</p>
      <p class="dim" lang="ko">
        ${product.mall}${categories && html` · ${categories}`}
        ${link && html`<span aria-hidden="true">↗</span><span class="hidden">새 탭에서 열림</span>`}
      </p>
    </div>
  </li>`;
};

/** The title beside it says what it is, so the picture has no text of its own. */
const icon = (dataUrl, { sub_category: category, title }) =>
  dataUrl
    ? html`<img src="${dataUrl}" alt="" width="56" height="56" />`
    : html`<span class="initial" aria-hidden="true">${[...(category || title)][0]}</span>`;
