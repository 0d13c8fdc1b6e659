import { language, t } from './language.js';

const REQUEST_TIMEOUT_MS = 60_000;
const UPLOAD_TIMEOUT_MS = 180_000;
const MEGABYTE = 1_048_576;
const UPLOAD_TYPES = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif']);

/** What it really is, the service finds out by itself. @param {Blob | undefined} photo */
export const uploadType = (photo) =>
  photo && UPLOAD_TYPES.has(photo.type) ? photo.type : 'image/jpeg';

/** What went wrong, ready to be shown: the service's own words (RFC 9457), or ours when it said none. */
export class Problem extends Error {
  /**
   * @param {string} title
   * @param {string} detail
   * @param {{ code?: string, status?: number, requestId?: string, taskId?: string,
   *   retryAfterSeconds?: number, fields?: { field: string, message: string }[] }} [facts]
   */
  constructor(title, detail, facts = {}) {
    super(`${title}: ${detail}`);
    this.title = title;
    this.detail = detail;
    this.code = facts.code;
    this.status = facts.status ?? 0;
    this.requestId = facts.requestId;
    this.taskId = facts.taskId;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? 0;
    this.fields = facts.fields ?? [];
  }
}

/** The service's public HTTP API, as any client would use it. */
export class DeskApi {
  /** `<service>/playground` → `<service>/`. */
  root = new URL('.', location.href);
  /** What the service calls itself in its links. */
  publicBaseUrl = '';

  /** @param {() => string} readKey the API key, empty for none */
  constructor(readKey) {
    this.readKey = readKey;
  }

  /** Links of this service lead to where the page came from, whatever name it was opened under. */
  toOwn(/** @type {string} */ url) {
    const prefix = `${this.publicBaseUrl}/`;
    return this.publicBaseUrl && url.startsWith(prefix)
      ? new URL(url.slice(prefix.length), this.root).href
      : url;
  }

  settings() {
    return this.#json('GET', 'playground/settings.json');
  }

  /** @returns {Promise<Blob>} */
  async sample() {
    return (await this.send('GET', new URL('playground/sample.jpg', this.root).href)).blob();
  }

  /** @param {Blob} photo @returns {Promise<string>} its `image_url` */
  async upload(photo) {
    const type = uploadType(photo);
    const link = await this.#json('POST', 'uploads', { content_type: type });
    if (photo.size > link.max_bytes) throw tooLarge(photo.size, link.max_bytes);
    const { method, upload_url: url, headers } = link;
    await this.#put(this.toOwn(url), { method, headers, body: photo });
    return link.image_url;
  }

  /** @param {string} imageUrl @param {string} concept @param {string} scenario empty for none */
  classify(imageUrl, concept, scenario) {
    const body = { initial_image_url: imageUrl, concept };
    return this.#json('POST', 'classify', body, scenarioHeader(scenario));
  }

  /**
   * @param {string} version
   * @param {{ image_url: string, concept: string, seed?: number }} body
   * @param {string} scenario empty for none
   * @param {string} idempotencyKey the same for every try of the same wish: never two tasks
   */
  async generate(version, body, scenario, idempotencyKey) {
    const headers = { 'Idempotency-Key': idempotencyKey, ...scenarioHeader(scenario) };
    const response = await this.send('POST', this.#url(`generated/${version}/generate`), {
      body,
      headers,
    });
    return {
      task: await readJson(response),
      requestId: response.headers.get('X-Request-Id') ?? '',
    };
  }

  /** @param {string} taskId */
  read(taskId) {
    return this.#json('GET', `tasks/${taskId}`);
  }

  /** @param {string} taskId */
  cancel(taskId) {
    return this.#json('POST', `tasks/${taskId}/cancel`);
  }

  /** @param {string} taskId @param {string} lastEventId @param {AbortSignal} signal */
  openEvents(taskId, lastEventId, signal) {
    const headers = {
      Accept: 'text/event-stream',
      ...(lastEventId && { 'Last-Event-ID': lastEventId }),
    };
    return this.send('GET', this.#url(`tasks/${taskId}/events`), { headers, signal });
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {{ body?: unknown, headers?: Record<string, string>, signal?: AbortSignal }} [options]
   * @throws Problem
   */
  async send(method, url, { body, headers = {}, signal } = {}) {
    const key = this.readKey();
    const response = await attempt(url, {
      method,
      headers: {
        'Accept-Language': language(),
        ...(key && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      // A stream ends itself when it falls silent; anything else has to answer in time.
      signal: signal ?? AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (!response.ok) throw await toProblem(response);
    return response;
  }

  async #json(method, path, body, headers) {
    return readJson(await this.send(method, this.#url(path), { body, headers }));
  }

  /** Without the API key: the link is signed, and a bucket is a stranger. */
  async #put(url, init) {
    const headers = { 'Accept-Language': language(), ...init.headers };
    const isOwn = new URL(url).origin === location.origin;
    const signal = AbortSignal.timeout(UPLOAD_TIMEOUT_MS);
    const response = await attempt(url, {
      ...init,
      headers: isOwn ? headers : init.headers,
      signal,
    }).catch((problem) => {
      if (isOwn || problem.code !== 'network_error') throw problem;
      throw new Problem(t('bucketTitle'), t('bucketText', { host: new URL(url).host }), {
        code: 'upload_refused',
      });
    });
    if (!response.ok) throw await toProblem(response);
  }

  #url(path) {
    return new URL(path, this.root).href;
  }
}

const scenarioHeader = (scenario) => (scenario ? { 'X-Mock-Scenario': scenario } : {});

const attempt = async (url, init) => {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    if (error.name === 'TimeoutError') {
      throw new Problem(t('timeoutTitle'), t('networkText'), { code: 'client_timeout' });
    }
    throw new Problem(t('networkTitle'), t('networkText'), { code: 'network_error' });
  }
};

const readJson = async (response) => {
  try {
    return await response.json();
  } catch {
    throw new Problem(t('unexpectedTitle'), `${response.status} ${response.statusText}`, {
      code: 'unexpected_answer',
      requestId: response.headers.get('X-Request-Id') ?? undefined,
    });
  }
};

const toProblem = async (response) => {
  const problem = await response.json().catch(() => ({}));
  return new Problem(
    String(problem.title ?? t('unexpectedTitle')),
    String(problem.detail ?? `${response.status} ${response.statusText}`),
    {
      code: String(problem.code ?? 'unexpected_answer'),
      status: response.status,
      requestId: problem.request_id ?? response.headers.get('X-Request-Id') ?? undefined,
      taskId: problem.task_id,
      retryAfterSeconds: retryAfterSeconds(response.headers.get('Retry-After')),
      fields: Array.isArray(problem.errors) ? problem.errors : [],
    },
  );
};

/** Seconds or a date (RFC 9110). */
const retryAfterSeconds = (value) => {
  if (!value) return 0;
  const number = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(number) ? Math.min(3600, Math.max(0, Math.ceil(number))) : 0;
};

const tooLarge = (size, limit) =>
  new Problem(
    t('tooLargeTitle'),
    t('tooLargeText', { size: (size / MEGABYTE).toFixed(1), limit: Math.floor(limit / MEGABYTE) }),
    { code: 'image_too_large' },
  );
