import { totalUsd } from '../results.mjs';
import { both, html, seconds } from './html.mjs';

const endOf = (steps) => Math.max(0, ...steps.map(({ endMs }) => endMs));

const usd = (amount) => {
  if (amount === null) return 'unknown';
  return amount === 0 ? '$0' : `$${amount.toFixed(4)}`;
};

/** The numbers that people ask for first. */
export const summary = ({ verdict, results }, items) => {
  const tasks = results.map(({ task }) => task);
  const products = items.reduce((sum, { details }) => sum + details.length, 0);
  const totalMs = results.reduce((sum, { steps }) => sum + endOf(steps), 0);
  const facts = [
    ['Desk score', '책상 점수', `${(verdict.confidence * 100).toFixed(1)} %`],
    ['Time', '소요 시간', seconds(totalMs)],
    ['Cost', '비용', usd(totalUsd(tasks))],
    ['Items', '추천 아이템', items.length],
    ['Products', '상품', products],
  ];
  return html`<dl class="facts">
    ${facts.map(
      ([english, korean, value]) =>
        html`<div>
          <dt>${both(english, korean)}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
};

/** Who did it, how long each step took, and what a reader should be careful about. */
export const makingSection = (input) =>
  html`<section aria-labelledby="making">
    <h2 id="making">${both('How it was made', '만들어진 과정')}</h2>
    <div class="making">
      <div>
        <h3>${both('Time per step', '단계별 시간')}</h3>
        ${timelines(input.results)}
      </div>
      <div>
        <h3>${both('Made with', '사용한 모델')}</h3>
        ${providers(input)} ${aboutRetouch(input.results)} ${warnings(input.results)}
      </div>
    </div>
  </section>`;

/** What the default generator does and does not do, before somebody is disappointed. */
const aboutRetouch = (results) =>
  results.every(({ task }) => task.provider?.image === 'embedded') &&
  html`<p class="note">
    ${both(
      'The embedded generator works offline: it retouches your own photo and adds no new objects.',
      '내장 생성기는 오프라인에서 원본 사진을 보정하며 새 물건을 그려 넣지 않습니다.',
    )}
  </p>`;

const timelines = (results) =>
  results.length === 1
    ? timeline(results[0])
    : results.map(
        (result) =>
          html`<details class="fold">
            <summary>
              ${result.concept} <span class="dim">${seconds(endOf(result.steps))}</span>
            </summary>
            ${timeline(result)}
          </details>`,
      );

const timeline = ({ concept, steps }) => {
  const total = Math.max(1, endOf(steps));
  const percent = (ms) => `${((ms / total) * 100).toFixed(2)}%`;
  return html`<table class="steps">
    <caption class="hidden">
      ${concept}
    </caption>
    <thead class="hidden">
      <tr>
        <th scope="col">Step</th>
        <th scope="col">When</th>
        <th scope="col">Time</th>
      </tr>
    </thead>
    <tbody>
      ${steps.map(
        ({ step, startMs, endMs }) =>
          html`<tr>
            <th scope="row"><code>${step}</code></th>
            <td class="track">
              <svg width="100%" height="8" aria-hidden="true">
                <rect class="rail" width="100%" height="8" rx="4" />
                <rect
                  class="run"
                  x="${percent(startMs)}"
                  width="${percent(Math.max(endMs - startMs, total * 0.012))}"
                  height="8"
                  rx="4"
                />
              </svg>
            </td>
            <td class="time">${seconds(endMs - startMs)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
};

const providers = ({ results, info, verdict, options }) => {
  const used = results[0].task.provider ?? {};
  const drawer = info.providers?.[`image_generator_${options.version}`]?.model;
  const writer = info.providers?.prompt_writer?.model;
  const rows = [
    ['Desk or not', '책상 판정', verdict.model],
    ['Prompt', '프롬프트', join(used.vision, writer)],
    ['Picture', '이미지', join(used.image, drawer)],
    ['Products', '상품', used.products ?? '–'],
  ];
  return html`<dl class="rows">
    ${rows.map(
      ([english, korean, value]) =>
        html`<div>
          <dt>${both(english, korean)}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
};

const join = (name, model) => [name, model].filter(Boolean).join(', ') || '–';

const WARNINGS = {
  no_products: (keyword) => [`No product was found for “${keyword}”.`, '찾은 상품이 없습니다.'],
  products_unavailable: (keyword) => [
    `The product search failed for “${keyword}”.`,
    '상품 검색에 실패했습니다.',
  ],
  result_may_not_show_a_desk: () => [
    'The drawn picture may not show a desk any more.',
    '결과 이미지가 책상으로 보이지 않을 수 있습니다.',
  ],
};

/** A warning that all pictures share is told once. */
const warnings = (results) => {
  const concepts = new Map();
  for (const { concept, task } of results) {
    for (const code of task.warnings ?? []) {
      concepts.set(code, [...(concepts.get(code) ?? []), concept]);
    }
  }
  if (concepts.size === 0) return '';
  const named = (names) =>
    names.length < results.length && html`<strong>${names.join(', ')}:</strong> `;
  return html`<h3>${both('Warnings', '주의')}</h3>
    <ul class="warnings">
      ${[...concepts].map(([code, names]) => html`<li>${named(names)}${explain(code)}</li>`)}
    </ul>`;
};

const explain = (code) => {
  const [name, keyword] = String(code).split(':');
  const sentence = Object.hasOwn(WARNINGS, name) && WARNINGS[name](keyword);
  return sentence ? both(...sentence) : html`<code>${code}</code>`;
};
