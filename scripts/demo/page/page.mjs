import { createHash } from 'node:crypto';

import { mergeItems } from '../results.mjs';
import { compareSection } from './compare.mjs';
import { both, html, raw } from './html.mjs';
import { itemsSection } from './items.mjs';
import { makingSection, summary } from './making.mjs';
import { promptSection } from './prompt.mjs';
import { script } from './script.mjs';
import { style } from './style.mjs';

/**
 * @typedef {object} PageInput
 * @property {{ name: string }} photo
 * @property {{ width?: number, height?: number }} stored
 * @property {any} verdict answer of POST /classify
 * @property {any} info answer of GET /info
 * @property {{ concept: string, file: string, task: any, steps: any[] }[]} results
 * @property {Map<string, string>} icons data: addresses by product image
 * @property {import('../options.mjs').DemoOptions} options
 */

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but our own style and script by hash, and pictures that lie beside the page or in it. */
const policy = [
  "default-src 'none'",
  "img-src 'self' file: data:",
  `style-src ${hash(style)}`,
  `script-src ${hash(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The result page: one file, which works from disk and long after the service has ended. */
export const renderPage = (/** @type {PageInput} */ input) => {
  const tasks = input.results.map(({ task }) => task);
  const items = mergeItems(tasks);
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="Content-Security-Policy" content="${policy}" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="no-referrer" />
          <title>Desk AI: ${input.photo.name}, redesigned</title>
          ${raw(`<style>${style}</style>`)}
        </head>
        <body>
          <header class="bar wrap">
            <p class="brand"><span class="mark" aria-hidden="true"></span>Desk AI</p>
            <p class="tags">${tags(input).map((tag) => html`<span class="tag">${tag}</span>`)}</p>
          </header>
          <main class="wrap">
            <div class="title">
              <h1>Your desk, redesigned</h1>
              <p class="lead ko" lang="ko">사진 한 장으로 달라진 내 책상</p>
            </div>
            ${compareSection(input)} ${summary(input, items)}
            ${itemsSection(items, input.icons, tasks)} ${promptSection(input.results)}
            ${makingSection(input)} ${jsonSection(tasks)}
          </main>
          <footer class="wrap">
            <p>
              ${both('The “after” picture was made by AI.', '‘결과’ 이미지는 AI로 만들었습니다.')}
            </p>
            <p>${credit(input)}</p>
          </footer>
          ${raw(`<script>${script}</script>`)}
        </body>
      </html> `,
  );
};

const tags = ({ results, options }) => [
  results.length > 1 ? `${results.length} concepts` : results[0].concept,
  options.version,
  ...(options.seed === undefined ? [] : [`seed ${options.seed}`]),
];

const jsonSection = (tasks) => {
  const json = JSON.stringify(tasks.length === 1 ? tasks[0] : tasks, null, 2);
  return html`<details class="json">
    <summary>${both('The answer as JSON', '응답 JSON 원문')}</summary>
    <pre tabindex="0" role="region" aria-label="JSON">${json}</pre>
  </details>`;
};

const credit = ({ info, photo, options }) => {
  const madeBy = `${info.name} ${info.version}, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return options.isSample
    ? html`${madeBy}. Sample photo: ${photo.name} of startbootstrap-creative (MIT).`
    : html`${madeBy}.`;
};
