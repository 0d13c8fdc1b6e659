import { both, html } from './html.mjs';

const CONCEPT_NAMES = {
  BASIC: 'photo',
  MSPAINT: 'paint program',
  SIMPLE: 'minimal',
  OIL: 'oil painting',
  CARTOON: 'cartoon',
};

/** Before and after: one over the other with a slider, then all of them side by side. */
export const compareSection = ({ photo, stored, results }) => {
  const size = { width: stored.width ?? 1500, height: stored.height ?? 1000 };
  const [first] = results;
  return html`<section aria-label="Before and after">
    <div class="stage ${shapeOf(size)}" id="stage">
      ${picture('before.jpg', `Before: ${photo.name}`, size)}
      <div class="over">
        ${picture(first.file, `After: the desk as ${first.concept}`, size, 'after')}
      </div>
      <span class="pill left">${both('Before', '원본')}</span>
      <span class="pill right">${both('After', '결과')}</span>
      <input
        id="split"
        type="range"
        min="0"
        max="100"
        value="50"
        step="1"
        aria-label="Compare before and after (원본과 결과 비교)"
      />
      <span class="line" aria-hidden="true"><span class="knob"></span></span>
    </div>
    ${results.length > 1 && chooser(results)}
    <div class="pair${results.length > 1 ? ' many' : ''}">
      ${figure('before.jpg', both('Before', '원본'), `Before: ${photo.name}`, size)}
      ${results.map(({ concept, file }) =>
        figure(file, caption(concept), `After: the desk as ${concept}`, size),
      )}
    </div>
  </section>`;
};

/** A tall picture as wide as the page would not fit on a screen. */
const shapeOf = ({ width, height }) => {
  if (width / height < 0.95) return 'tall';
  return width / height < 1.35 ? 'square' : '';
};

const caption = (concept) =>
  html`${both('After', '결과')} <span class="dim">${concept}, ${CONCEPT_NAMES[concept]}</span>`;

const picture = (file, alt, { width, height }, id) =>
  html`<img
    src="${file}"
    alt="${alt}"
    width="${width}"
    height="${height}"
    ${id && html`id="${id}"`}
  />`;

const figure = (file, text, alt, size) =>
  html`<figure>
    <a href="${file}">${picture(file, alt, size)}</a>
    <figcaption>${text}</figcaption>
  </figure>`;

/** Which of several pictures lies under the slider. */
const chooser = (results) =>
  html`<fieldset class="chooser">
    <legend>${both('Concept', '콘셉트')}</legend>
    ${results.map(
      ({ concept, file }, index) =>
        html`<label>
          <input
            type="radio"
            name="concept"
            value="${file}"
            data-concept="${concept}"
            ${index === 0 && html`checked`}
          />
          <span>${concept}</span>
        </label>`,
    )}
  </fieldset>`;
