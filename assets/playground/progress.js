import { byId, el } from './dom.js';
import { announce, hasText, seconds, t } from './language.js';

/** The pipeline's steps in their order; others are added as they are told. */
const PLAN = [
  'fetch_image',
  'classify',
  'store_input',
  'write_prompt',
  'search_products',
  'generate_image',
  'check_result',
  'store_result',
];

/** @param {string} step */
export const stepName = (step) => (hasText(`step.${step}`) ? t(`step.${step}`) : step);

/** How far a task is, by what its events tell. */
export class TaskProgress {
  percent = 0;
  queuePosition = null;
  etaSeconds = null;
  isQueued = true;
  isLost = false;
  isCanceling = false;
  hasStopped = false;
  /** @type {Map<string, { state: string, attempt: number, startMs: number, endMs: number, retryMs: number }>} */
  steps = new Map(PLAN.map((step) => [step, waiting()]));
  #firstMs;

  /** @param {string} type @param {any} data of a Server-Sent Event */
  update(type, data) {
    const atMs = Date.parse(data.at) || 0;
    this.#firstMs ??= atMs;
    this.percent = Math.max(this.percent, Number(data.percent) || 0);
    this.isQueued = type === 'queued' || type === 'retry';
    if (type === 'step') this.#updateStep(data, atMs - this.#firstMs);
    if (type === 'retry') this.#step(data.step).retryMs = Number(data.retry_in_ms) || 0;
  }

  /** @param {any} task what GET /tasks/{id} or the end told */
  finish(task) {
    if (task.status === 'succeeded') this.percent = 100;
    this.hasStopped = true;
    for (const step of this.steps.values()) {
      if (step.state === 'running') step.state = 'failed';
    }
  }

  /** For the table of times. */
  timeline() {
    return [...this.steps]
      .filter(([, { state }]) => state === 'done')
      .map(([step, { startMs, endMs }]) => ({ step, startMs, endMs }));
  }

  #updateStep({ step, state, attempt }, sinceMs) {
    const known = this.#step(step);
    known.attempt = Number(attempt) || 1;
    known.retryMs = 0;
    if (state === 'started') {
      known.state = 'running';
      known.startMs = sinceMs;
      announce(stepName(step));
    } else {
      known.state = 'done';
      known.endMs = sinceMs;
    }
  }

  #step(name) {
    const step = this.steps.get(String(name)) ?? waiting();
    this.steps.set(String(name), step);
    return step;
  }
}

const waiting = () => ({ state: 'waiting', attempt: 1, startMs: 0, endMs: 0, retryMs: 0 });

/** @param {TaskProgress} progress */
export const showProgress = (progress) => {
  const percent = Math.round(progress.percent);
  byId('progress').classList.toggle('stopped', progress.hasStopped);
  byId('progress-title').textContent = t(progress.hasStopped ? 'stopped' : 'running');
  byId('percent').value = percent;
  byId('percent-text').textContent = `${percent} %`;
  byId('steps').replaceChildren(...[...progress.steps].map(stepRow));
  showConnection(progress);
  showWaiting(progress);
  const cancel = byId('cancel');
  cancel.hidden = progress.hasStopped;
  cancel.textContent = t(progress.isCanceling ? 'canceling' : 'cancel');
  cancel.setAttribute('aria-disabled', String(progress.isCanceling));
};

const showConnection = ({ isLost, hasStopped }) => {
  const connection = byId('connection');
  const isShown = isLost && !hasStopped;
  if (isShown && connection.hidden) announce(t('reconnecting'));
  if (!isShown && !connection.hidden && !hasStopped) announce(t('reconnected'));
  connection.hidden = !isShown;
  connection.textContent = t('reconnecting');
};

const showWaiting = ({ isQueued, hasStopped, queuePosition, etaSeconds }) => {
  const waiting = byId('waiting');
  waiting.hidden = !isQueued || hasStopped;
  const place = queuePosition ? t('queuedAt', { position: queuePosition }) : t('queued');
  waiting.textContent = etaSeconds ? `${place} ${t('eta', { seconds: etaSeconds })}` : place;
};

const stepRow = ([step, { state, attempt, startMs, endMs, retryMs }]) => {
  const notes = [
    attempt > 1 && t('attempt', { attempt }),
    retryMs > 0 && t('retryIn', { seconds: Math.max(1, Math.round(retryMs / 1000)) }),
  ].filter(Boolean);
  return el(
    'li',
    { class: `step ${retryMs > 0 ? 'waiting' : state}` },
    el('span', { class: 'dot', 'aria-hidden': 'true' }),
    el(
      'span',
      { class: 'step-name' },
      stepName(step),
      notes.length > 0 && el('span', { class: 'dim' }, ` ${notes.join(', ')}`),
    ),
    el('span', { class: 'hidden' }, t(`state.${state}`)),
    el('span', { class: 'step-time' }, state === 'done' ? seconds(endMs - startMs) : ''),
  );
};
