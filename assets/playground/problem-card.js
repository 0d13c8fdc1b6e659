import { Problem } from './api.js';
import { byId, el, goTo, langOf } from './dom.js';
import { hasText, t } from './language.js';

const SECOND_MS = 1000;
let timer;

/** @param {any} task that ended badly @param {string} requestId */
export const problemOfTask = (task, requestId) => {
  const code = task.error?.code ?? 'internal_error';
  const title = t(hasText(`failed.${code}`) ? `failed.${code}` : 'failed.other');
  return new Problem(title, String(task.error?.message ?? ''), {
    code,
    requestId,
    taskId: task.task_id,
  });
};

export const hideProblem = () => {
  clearInterval(timer);
  byId('problem').hidden = true;
  byId('problem').replaceChildren();
};

/**
 * One sentence, what to do, and what to tell those who can help.
 *
 * @param {{ problem: Problem, retry?: () => void, retryAt: number, isNotice?: boolean }} shown
 * @param {{ takesFocus?: boolean }} [options]
 */
export const showProblem = (
  { problem, retry, retryAt, isNotice = false },
  { takesFocus = false } = {},
) => {
  clearInterval(timer);
  const box = byId('problem');
  const heading = el('h2', { tabindex: '-1', id: 'problem-title' }, problem.title);
  box.classList.toggle('notice', isNotice);
  box.replaceChildren(
    heading,
    problem.detail && el('p', { lang: langOf(problem.detail) }, problem.detail),
    fieldList(problem.fields),
    facts(problem),
    retry ? retryButton(retry, retryAt) : '',
  );
  box.hidden = false;
  if (takesFocus) goTo(heading, box);
};

const fieldList = (fields) =>
  fields.length === 0
    ? ''
    : el(
        'ul',
        { class: 'problem-fields' },
        fields.map(({ field, message }) => el('li', {}, el('code', {}, field), ' ', message)),
      );

const facts = ({ code, status, requestId, taskId }) =>
  el(
    'dl',
    { class: 'problem-facts' },
    fact(t('code'), code && (status ? `${code} (${status})` : code)),
    fact(t('requestId'), requestId),
    fact(t('taskId'), taskId),
  );

const fact = (name, value) =>
  value && el('div', {}, el('dt', {}, name), el('dd', {}, el('code', {}, value)));

/** Stays in place while Retry-After runs, so that the focus is not lost. */
const retryButton = (retry, retryAt) => {
  const button = el('button', { type: 'button', class: 'button', id: 'retry' });
  const tick = () => {
    const seconds = Math.ceil((retryAt - Date.now()) / SECOND_MS);
    button.textContent = seconds > 0 ? t('tryAgainIn', { seconds }) : t('tryAgain');
    button.setAttribute('aria-disabled', String(seconds > 0));
    if (seconds <= 0) clearInterval(timer);
  };
  tick();
  if (retryAt > Date.now()) timer = setInterval(tick, SECOND_MS / 4);
  button.addEventListener('click', () => {
    if (retryAt <= Date.now()) retry();
  });
  return button;
};
