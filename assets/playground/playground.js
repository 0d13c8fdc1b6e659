import { DeskApi, Problem, uploadType } from './api.js';
import { byId, goTo } from './dom.js';
import { announce, onLanguage, startLanguage, t } from './language.js';
import { startPhotoInput } from './photo-input.js';
import { hideProblem, problemOfTask, showProblem } from './problem-card.js';
import { showProgress, TaskProgress } from './progress.js';
import { hideResult, showResult } from './result.js';
import { readOptions, startOptions, startScenarios } from './options.js';
import { followTask } from './task-stream.js';
import { announceVerdict, showVerdict } from './verdict.js';

const KEY_STORED_AS = 'desk-ai.key';
const SECOND_MS = 1000;

const state = {
  settings: {
    needs_api_key: false,
    public_base_url: '',
    has_sample: false,
    has_docs: false,
    mock_scenarios: [],
  },
  /** @type {{ blob: Blob, name: string, url: string, imageUrl: string } | null} */
  photo: null,
  /** @type {'none' | 'uploading' | 'checking' | 'done'} */
  stage: 'none',
  verdict: null,
  /** @type {{ taskId: string, requestId: string, progress: TaskProgress, request: any } | null} */
  run: null,
  result: null,
  shownProblem: null,
};

/** Ends what was started for the photo before. */
let current = new AbortController();

const api = new DeskApi(() => byId('key').value.trim());

const show = () => {
  showVerdict(state);
  if (state.run) showProgress(state.run.progress);
  byId('progress').hidden = !state.run;
  if (state.result) showResult(state.result, api, state.settings.needs_api_key);
  if (state.shownProblem) showProblem(state.shownProblem);
  showPhoto();
  showButton();
};

const showPhoto = () => {
  const preview = byId('preview');
  const { photo } = state;
  byId('empty').hidden = photo !== null;
  preview.hidden = photo === null;
  if (photo && preview.src !== photo.url) preview.src = photo.url;
  preview.alt = photo ? t('previewAlt', { name: photo.name }) : '';
  byId('choose').textContent = t(photo ? 'chooseOther' : 'choose');
  byId('choose').classList.toggle('plain', photo !== null);
};

const isRunning = () => state.run !== null && !state.run.progress.hasStopped;

/** The button stays focusable: what it waits for stands below it. */
const showButton = () => {
  const isReady = state.verdict?.classify === true && !isRunning();
  byId('go').setAttribute('aria-disabled', String(!isReady));
  byId('go').textContent = t(state.result ? 'goAgain' : 'go');
  byId('go-hint').textContent = isReady ? '' : t(waitsFor());
};

const waitsFor = () => {
  if (isRunning()) return 'goHintRunning';
  if (!state.photo) return 'goHint';
  if (state.verdict) return 'goHintNo';
  return state.shownProblem ? 'goHintFailed' : 'goHintChecking';
};

const fail = (error, retry) => {
  if (error?.name === 'AbortError') return;
  const problem =
    error instanceof Problem
      ? error
      : new Problem(t('unexpectedTitle'), String(error?.message ?? error), { code: 'page_error' });
  if (problem.code === 'unauthorized' || problem.code === 'forbidden') byId('key-box').open = true;
  state.shownProblem = {
    problem,
    retry,
    retryAt: Date.now() + problem.retryAfterSeconds * SECOND_MS,
  };
  show();
  showProblem(state.shownProblem, { takesFocus: true });
};

const forgetProblem = () => {
  state.shownProblem = null;
  hideProblem();
};

const startOver = () => {
  current.abort();
  current = new AbortController();
  forgetProblem();
  hideResult();
  Object.assign(state, { run: null, result: null });
  remember('');
  return current.signal;
};

const usePhoto = (blob, name) => {
  startOver();
  if (state.photo) URL.revokeObjectURL(state.photo.url);
  state.photo = { blob, name: name || 'photo.jpg', url: URL.createObjectURL(blob), imageUrl: '' };
  byId('credit').hidden = blob !== state.sample;
  void check();
};

/** Photo to verdict. */
const check = async () => {
  const { signal } = current;
  const { photo } = state;
  forgetProblem();
  Object.assign(state, { stage: 'none', verdict: null });
  try {
    if (state.settings.needs_api_key && !api.readKey()) {
      throw new Problem(t('keyTitle'), t('keyText'), { code: 'unauthorized' });
    }
    stage('uploading');
    photo.imageUrl ||= await api.upload(photo.blob);
    if (signal.aborted) return;
    stage('checking');
    const { concept, scenario } = readOptions();
    const verdict = await api.classify(photo.imageUrl, concept, scenario);
    if (signal.aborted) return;
    state.verdict = verdict;
    state.stage = 'done';
    announceVerdict(verdict);
    show();
    // CLASSIFY_FOLLOW_UP=generate: the service has started already.
    if (verdict.task_id)
      void follow(
        { task_id: verdict.task_id },
        '',
        requestOf({ version: 'v1', concept, scenario }),
      );
  } catch (error) {
    if (signal.aborted) return;
    state.stage = 'none';
    fail(error, check);
  }
};

const stage = (next) => {
  state.stage = next;
  announce(t(next));
  show();
};

const requestOf = (options) => ({
  ...options,
  photoName: state.photo?.name ?? 'desk.jpg',
  photoType: uploadType(state.photo?.blob),
});

/** Verdict to result. A try again with the same wish is the same task, never a second one. */
const redesign = async (options, idempotencyKey = randomKey()) => {
  const { photo } = state;
  const signal = startOver();
  show();
  const { version, scenario, ...wish } = options;
  try {
    const { task, requestId } = await api.generate(
      version,
      { image_url: photo.imageUrl, ...wish },
      scenario,
      idempotencyKey,
    );
    if (!signal.aborted) await follow(task, requestId, requestOf(options));
  } catch (error) {
    if (!signal.aborted) fail(error, () => void redesign(options, idempotencyKey));
  }
};

/** `crypto.randomUUID` is missing on plain http. */
const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

const follow = async (task, requestId, request) => {
  const { signal } = current;
  const progress = new TaskProgress();
  progress.queuePosition = task.progress?.queue_position ?? null;
  progress.etaSeconds = task.progress?.eta_seconds ?? null;
  state.run = { taskId: task.task_id, requestId, progress, request };
  remember(task.task_id);
  show();
  goTo(byId('progress-title'), byId('progress'));
  await listen(signal);
};

const listen = async (signal) => {
  const { run } = state;
  const { progress } = run;
  forgetProblem();
  try {
    const ended = await followTask(api, run.taskId, {
      signal,
      onEvent: (type, data) => {
        progress.update(type, data);
        showProgress(progress);
      },
      onConnection: (isLost) => {
        progress.isLost = isLost;
        showProgress(progress);
      },
    });
    finish(ended);
  } catch (error) {
    if (signal.aborted) return;
    progress.isLost = false;
    fail(error, () => void listen(signal));
  }
};

const finish = (task) => {
  const { run, verdict, photo } = state;
  run.progress.finish(task);
  if (task.status === 'succeeded') {
    state.run = null;
    state.result = {
      task,
      verdict,
      steps: run.progress.timeline(),
      before: photo?.url ?? api.toOwn(String(task.initial_image_url)),
      request:
        run.request ??
        requestOf({ version: String(task.kind).split('.')[1] ?? 'v1', concept: task.concept }),
    };
    announce(t('ready'));
    show();
    goTo(byId('result-title'), byId('result'), 'start');
  } else if (task.status === 'canceled') {
    const problem = new Problem(t('canceledTitle'), t('canceledText'), { taskId: task.task_id });
    state.run = null;
    state.shownProblem = { problem, retryAt: 0, isNotice: true };
    show();
    showProblem(state.shownProblem, { takesFocus: true });
  } else {
    const again =
      state.photo && task.status === 'failed' ? () => void redesign(readOptions()) : undefined;
    fail(problemOfTask(task, run.requestId), again);
  }
};

const cancel = async () => {
  const { run } = state;
  if (!run || run.progress.isCanceling) return;
  run.progress.isCanceling = true;
  showProgress(run.progress);
  try {
    await api.cancel(run.taskId);
  } catch (error) {
    run.progress.isCanceling = false;
    showProgress(run.progress);
    // It has just ended by itself: the stream tells how.
    if (error.code !== 'task_not_cancelable') fail(error, cancel);
  }
};

/** In the address, so that a reload or a sent link shows the same task. */
const remember = (taskId) => {
  history.replaceState(null, '', taskId ? `#task=${taskId}` : location.pathname);
};

const resume = async () => {
  const [, taskId] = /^#task=([0-9a-f-]{36})$/.exec(location.hash) ?? [];
  if (!taskId) return;
  const { signal } = current;
  state.run = { taskId, requestId: '', progress: new TaskProgress(), request: null };
  show();
  await listen(signal);
};

const useSample = async () => {
  try {
    state.sample ??= await api.sample();
    usePhoto(state.sample, 'sample.jpg');
  } catch (error) {
    fail(error, useSample);
  }
};

/** In this tab only: not in localStorage, not in the address. */
const startKey = () => {
  const input = byId('key');
  try {
    input.value = sessionStorage.getItem(KEY_STORED_AS) ?? '';
    input.addEventListener('change', () =>
      sessionStorage.setItem(KEY_STORED_AS, input.value.trim()),
    );
  } catch {
    // Storage may be switched off: the key is then typed again after a reload.
  }
  byId('key-box').open = state.settings.needs_api_key && input.value === '';
};

const start = async () => {
  startLanguage();
  onLanguage(show);
  startPhotoInput({
    onPhoto: usePhoto,
    onNoPhoto: () =>
      fail(new Problem(t('notAPhotoTitle'), t('notAPhotoText'), { code: 'not_a_photo' })),
    loadSample: () => void useSample(),
  });
  startOptions((options) => {
    if (state.verdict?.classify === true && !isRunning()) void redesign(options);
  });
  byId('cancel').addEventListener('click', () => void cancel());
  show();
  try {
    state.settings = await api.settings();
  } catch (error) {
    fail(error, () => location.reload());
  }
  api.publicBaseUrl = state.settings.public_base_url;
  byId('sample').hidden = !state.settings.has_sample;
  byId('docs').hidden = !state.settings.has_docs;
  startScenarios(state.settings.mock_scenarios, () => {
    if (!state.photo || isRunning()) return;
    // The verdict may differ too.
    startOver();
    void check();
  });
  startKey();
  document.documentElement.dataset.ready = 'true';
  await resume();
};

void start();
