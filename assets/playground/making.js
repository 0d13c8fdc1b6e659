import { el, svg } from './dom.js';
import { hasText, seconds, t } from './language.js';
import { stepName } from './progress.js';

/** Who did it, how long each step took, and what a reader should be careful about. */
export const makingView = ({ task, steps, verdict }) =>
  el(
    'section',
    { 'aria-labelledby': 'making-title' },
    el('h2', { id: 'making-title' }, t('makingTitle')),
    el(
      'div',
      { class: 'making' },
      el('div', {}, el('h3', {}, t('timeTitle')), timeline(steps)),
      el(
        'div',
        {},
        el('h3', {}, t('madeWith')),
        providers(task, verdict),
        task.provider?.image === 'embedded' && el('p', { class: 'hint dim' }, t('embeddedNote')),
        warnings(task.warnings ?? []),
      ),
    ),
  );

const timeline = (steps) => {
  const total = Math.max(1, ...steps.map(({ endMs }) => endMs));
  const percent = (ms) => `${((ms / total) * 100).toFixed(2)}%`;
  const rect = (attributes) => svg('rect', { height: 8, rx: 4, ...attributes });
  const row = ({ step, startMs, endMs }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, stepName(step)),
      el(
        'td',
        { class: 'track' },
        svg(
          'svg',
          { width: '100%', height: 8, 'aria-hidden': 'true' },
          rect({ class: 'rail', width: '100%' }),
          rect({
            class: 'run',
            x: percent(Math.min(startMs, total * 0.985)),
            width: percent(Math.max(endMs - startMs, total * 0.015)),
          }),
        ),
      ),
      el('td', { class: 'time' }, seconds(endMs - startMs)),
    );
  return el(
    'table',
    { class: 'times' },
    el('caption', { class: 'hidden' }, t('timeTitle')),
    el(
      'thead',
      { class: 'hidden' },
      el(
        'tr',
        {},
        ['column', 'columnWhen', 'columnTime'].map((key) => el('th', { scope: 'col' }, t(key))),
      ),
    ),
    el('tbody', {}, steps.map(row)),
  );
};

/** @param {any} task @param {any} verdict */
const providers = ({ provider, cost }, verdict) => {
  const models = (cost?.calls ?? []).map(({ model }) => model).filter(Boolean);
  const rows = [
    [t('provider.classifier'), verdict?.model],
    [t('provider.vision'), provider?.vision],
    [t('provider.image'), provider?.image],
    [t('provider.products'), provider?.products],
    ...[...new Set(models)].map((model) => ['', model]),
  ];
  return el(
    'dl',
    { class: 'rows' },
    rows
      .filter(([name, value]) => value || name)
      .map(([name, value]) => el('div', {}, el('dt', {}, name || '·'), el('dd', {}, value || '–'))),
  );
};

const warnings = (codes) =>
  codes.length > 0 && [
    el('h3', {}, t('warnings')),
    el(
      'ul',
      { class: 'warnings' },
      codes.map((code) => el('li', {}, explain(String(code)))),
    ),
  ];

const explain = (code) => {
  const [name, keyword] = code.split(':');
  return hasText(`warning.${name}`) ? t(`warning.${name}`, { keyword }) : el('code', {}, code);
};
