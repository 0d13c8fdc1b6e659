import { el } from './dom.js';
import { t } from './language.js';

/** Where the line stands, kept when the page is drawn again. */
let split = 50;

/** A tall picture as wide as the page would not fit on a screen. */
const shapeOf = ({ naturalWidth, naturalHeight }) => {
  const ratio = naturalWidth / naturalHeight;
  if (ratio < 0.95) return 'tall';
  return ratio < 1.35 ? 'square' : 'wide';
};

/**
 * One picture over the other, and a line between them that a mouse, a finger or the arrow keys move.
 *
 * @param {{ before: string, after: string, look: string }} pictures
 */
export const compareView = ({ before, after, look }) => {
  const under = el('img', { src: before, alt: t('beforeAlt') });
  const over = el('img', { src: after, alt: t('afterAlt', { look }), id: 'after' });
  const slider = el('input', {
    type: 'range',
    id: 'split',
    min: 0,
    max: 100,
    step: 1,
    value: split,
    'aria-label': t('compare'),
  });
  const stage = el(
    'div',
    { class: 'stage', id: 'stage' },
    under,
    el('div', { class: 'over' }, over),
    el('span', { class: 'pill left', 'aria-hidden': 'true' }, t('before')),
    el('span', { class: 'pill right', 'aria-hidden': 'true' }, t('after')),
    slider,
    el('span', { class: 'line', 'aria-hidden': 'true' }, el('span', { class: 'knob' })),
  );
  const move = () => {
    split = Number(slider.value);
    stage.style.setProperty('--split', `${split}%`);
    slider.setAttribute('aria-valuetext', t('compareValue', { before: split, after: 100 - split }));
  };
  slider.addEventListener('input', move);
  over.addEventListener('load', () => stage.classList.add(shapeOf(over)));
  move();
  return stage;
};
