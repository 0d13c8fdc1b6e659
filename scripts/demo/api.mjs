import { DemoError } from './demo-error.mjs';
import { readEvents } from './event-stream.mjs';
import { formatBytes } from './photo.mjs';

const REQUEST_TIMEOUT_MS = 30_000;
/** The stream has a heartbeat every 15 s: three missing ones mean that nobody is there. */
const SILENCE_TIMEOUT_MS = 45_000;
const TASK_TIMEOUT_MS = 360_000;
const STREAM_ATTEMPTS = 4;
const HUNG = { showLog: true };

/** The service's public HTTP API, as any client would use it. */
export class DeskApi {
  /** @param {string} address @param {AbortSignal} signal ends every request */
  constructor(address, signal) {
    this.address = address;
    this.signal = signal;
  }

  info() {
    return this.#json('GET', '/info');
  }

  /**
   * @param {{ name: string, bytes: Buffer }} photo
   * @returns {Promise<{ image_url: string, width?: number, height?: number }>}
   */
  async upload(photo) {
    const upload = await this.#json('POST', '/uploads', {});
    if (photo.bytes.length > upload.max_bytes) {
      const [size, limit] = [photo.bytes.length, upload.max_bytes].map(formatBytes);
      throw new DemoError(`${photo.name} has ${size}; a photo may have ${limit} at most.`);
    }
    const { method, upload_url: url, headers } = upload;
    const response = await this.#send(url, { method, headers, body: photo.bytes }, photo.name);
    const stored = await response.json().catch(() => ({}));
    return { ...stored, image_url: upload.image_url };
  }

  /** @param {string} imageUrl */
  classify(imageUrl) {
    return this.#json('POST', '/classify', { initial_image_url: imageUrl });
  }

  /** @param {'v1' | 'v2'} version @param {{ image_url: string, concept: string, seed?: number }} body */
  generate(version, body) {
    return this.#json('POST', `/generated/${version}/generate`, body);
  }

  /**
   * Follows a task to its end; a stream that breaks is resumed after the last event.
   *
   * @param {string} taskId
   * @param {(type: string, data: any) => void} onEvent
   * @returns {Promise<any>} the ended task
   */
  async follow(taskId, onEvent) {
    const deadline = AbortSignal.timeout(TASK_TIMEOUT_MS);
    const seen = { lastId: '' };
    let attempt = 0;
    while (attempt < STREAM_ATTEMPTS) {
      attempt += 1;
      const task = await this.#followOnce(taskId, seen, deadline, onEvent);
      if (task) return task;
    }
    throw new DemoError('The progress of the task broke off again and again.', HUNG);
  }

  /** @param {string} url @returns {Promise<{ bytes: Buffer, type: string }>} */
  async download(url) {
    const response = await this.#send(url, { method: 'GET' });
    const type = response.headers.get('content-type') ?? '';
    return { bytes: await this.#body(response.arrayBuffer(), url).then(Buffer.from), type };
  }

  async #followOnce(taskId, seen, deadline, onEvent) {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), SILENCE_TIMEOUT_MS);
    const url = `${this.address}/tasks/${taskId}/events`;
    const headers = seen.lastId === '' ? {} : { 'Last-Event-ID': seen.lastId };
    const stop = AbortSignal.any([this.signal, silence.signal, deadline]);
    try {
      const response = await fetch(url, { headers, signal: stop });
      if (!response.ok) throw await toDemoError(response);
      for await (const { id, event, data } of readEvents(response.body, () => timer.refresh())) {
        seen.lastId = id;
        if (event === 'ended') return data;
        onEvent(event, data);
      }
    } catch (error) {
      if (error instanceof DemoError || this.signal.aborted) throw error;
      if (stop.aborted) {
        const limit = deadline.aborted ? TASK_TIMEOUT_MS : SILENCE_TIMEOUT_MS;
        const what = deadline.aborted ? 'The task did not end' : 'The service told no progress';
        throw new DemoError(`${what} within ${limit / 1000} s.`, { ...HUNG, cause: error });
      }
    } finally {
      clearTimeout(timer);
    }
    return undefined;
  }

  async #json(method, path, body) {
    const response = await this.#send(`${this.address}${path}`, {
      method,
      ...(body && {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    return this.#body(response.json(), path);
  }

  async #send(url, init, subject) {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    const response = await this.#body(fetch(url, { ...init, signal }), new URL(url).pathname);
    if (!response.ok) throw await toDemoError(response, subject);
    return response;
  }

  /** @template T @param {Promise<T>} answer @param {string} path @returns {Promise<T>} */
  async #body(answer, path) {
    try {
      return await answer;
    } catch (cause) {
      if (this.signal.aborted) throw cause;
      const message =
        cause.name === 'TimeoutError'
          ? `The service did not answer ${path} within ${REQUEST_TIMEOUT_MS / 1000} s.`
          : `The service broke off its answer to ${path} (${cause.cause?.code ?? cause.message}).`;
      throw new DemoError(message, { ...HUNG, cause });
    }
  }
}

/** A refusal in the service's own words (RFC 9457). */
const toDemoError = async (response, subject) => {
  const problem = await response.json().catch(() => ({}));
  const detail = problem.detail ?? problem.title ?? `The service answered ${response.status}`;
  const sentence = `${subject ? `${subject}: ` : ''}${detail.replace(/\.$/, '')}.`;
  return new DemoError(sentence, { showLog: response.status >= 500 });
};
