import { byId, el } from './dom.js';
import { announce, hasText, language, t } from './language.js';

/** @param {any} verdict answer of POST /classify @returns {string} as a sentence */
const sentenceOf = ({ classify, reason }) => {
  if (classify) return '';
  const key = `reason.${reason ?? 'no_desk'}`;
  return hasText(key) ? t(key) : t('reason.other', { reason });
};

/**
 * Below the photo: what is going on with it, then what was seen in it.
 *
 * @param {{ stage: 'none' | 'uploading' | 'checking' | 'done', verdict: any }} state
 */
export const showVerdict = ({ stage, verdict }) => {
  const box = byId('verdict');
  if (stage === 'none') box.replaceChildren();
  else if (stage !== 'done' || !verdict) {
    box.replaceChildren(
      el(
        'p',
        { class: 'verdict busy' },
        el('span', { class: 'spinner', 'aria-hidden': 'true' }),
        t(stage),
      ),
    );
  } else box.replaceChildren(verdictCard(verdict));
};

const verdictCard = (verdict) => {
  const { classify, confidence, tip } = verdict;
  const percent = (confidence * 100).toFixed(1);
  const bar = el('span', { class: 'bar-fill' });
  bar.style.setProperty('--part', `${percent}%`);
  return el(
    'div',
    { class: `verdict ${classify ? 'yes' : 'no'}` },
    el(
      'div',
      { class: 'verdict-head' },
      el('strong', {}, t(classify ? 'isDesk' : 'isNoDesk')),
      el('span', { class: 'dim' }, t('sure', { percent })),
    ),
    el('div', { class: 'bar-track', 'aria-hidden': 'true' }, bar),
    !classify && el('p', {}, sentenceOf(verdict)),
    tip && el('p', { class: 'tip' }, el('b', {}, t('tip')), ' ', String(tip[language()] ?? tip.en)),
  );
};

/** @param {any} verdict */
export const announceVerdict = (verdict) => {
  const percent = (verdict.confidence * 100).toFixed(1);
  const tip = verdict.tip?.[language()] ?? '';
  announce(
    [t(verdict.classify ? 'isDesk' : 'isNoDesk'), t('sure', { percent }), sentenceOf(verdict), tip]
      .filter(Boolean)
      .join('. '),
  );
};
