import { Problem } from './api.js';
import { t } from './language.js';

/** The stream has a heartbeat every 15 s: three missing ones mean that nobody is there. */
const SILENCE_MS = 45_000;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 15_000;
/** About two minutes without a single event. */
const TRIES = 12;
const MAY_PASS = new Set([0, 408, 425, 429, 500, 502, 503, 504]);

/**
 * Follows a task to its end. A lost connection is taken up after the last event that was seen; `fetch`
 * instead of `EventSource`, so that the key and Last-Event-ID can be sent.
 *
 * @param {import('./api.js').DeskApi} api
 * @param {string} taskId
 * @param {{ onEvent: (type: string, data: any) => void, onConnection: (isLost: boolean) => void, signal: AbortSignal }} listener
 * @returns {Promise<any>} the ended task
 * @throws Problem when it is refused, or lost for long
 */
export const followTask = async (api, taskId, { onEvent, onConnection, signal }) => {
  let lastEventId = '';
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    let pauseMs = 0;
    try {
      for await (const { id, event, data } of open(api, taskId, lastEventId, signal, () =>
        onConnection(false),
      )) {
        failures = 0;
        if (id) lastEventId = id;
        if (event === 'ended') return data;
        onEvent(event, data);
      }
      // Ended without an end: the service shuts down, or there was nothing left to tell.
      const task = await api.read(taskId);
      if (task.finished_at) return task;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Problem && !MAY_PASS.has(error.status)) throw error;
      pauseMs = (error.retryAfterSeconds ?? 0) * 1000;
    }
    failures += 1;
    if (failures > TRIES)
      throw new Problem(t('streamTitle'), t('streamText'), { code: 'stream_lost', taskId });
    onConnection(true);
    await pause(Math.max(pauseMs, backoff(failures)), signal);
  }
};

const backoff = (failures) => {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  // Not every page of a restarted service comes back at the same moment.
  return pauseMs * (0.7 + Math.random() * 0.6);
};

/** Shorter when the network comes back. */
const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const stop = new AbortController();
    const end = (settle) => () => {
      clearTimeout(timer);
      stop.abort();
      settle();
    };
    const timer = setTimeout(end(resolve), ms);
    addEventListener('online', end(resolve), { signal: stop.signal });
    signal.addEventListener(
      'abort',
      end(() => reject(signal.reason)),
      { signal: stop.signal },
    );
  });

async function* open(api, taskId, lastEventId, signal, onOpen) {
  const silence = new AbortController();
  let timer;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  listen();
  try {
    const response = await api.openEvents(
      taskId,
      lastEventId,
      AbortSignal.any([signal, silence.signal]),
    );
    onOpen();
    yield* readEvents(response.body, listen);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Splits a Server-Sent Events body into its events.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} onBytes heartbeats included
 */
export async function* readEvents(body, onBytes) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      buffered += value;
      const blocks = buffered.split(/\r?\n\r?\n/);
      buffered = blocks.pop() ?? '';
      yield* blocks.map(parseEvent).filter(({ data }) => data !== undefined);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

const parseEvent = (block) => {
  const fields = { id: '', event: 'message' };
  const lines = [];
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
    if (name === 'data') lines.push(value);
    else if (name !== undefined) fields[name] = value;
  }
  return { ...fields, data: lines.length === 0 ? undefined : JSON.parse(lines.join('\n')) };
};
