import { traceHeaders } from '../../common/telemetry/trace-context.js';
import { toUpstreamError, UpstreamError } from './upstream-error.js';

export interface UpstreamLimits {
  /** For everything, the reading of the body included. */
  readonly timeoutMs: number;
  /** Longest answer; the rest is not read. */
  readonly maxBytes: number;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

export type UpstreamRequest = Pick<RequestInit, 'method' | 'headers' | 'body'>;

const readAll = async (response: Response, maxBytes: number): Promise<Buffer> => {
  const claimed = Number(response.headers.get('content-length') ?? 0);
  if (claimed > maxBytes) throw new UpstreamError('too_large', 'content_length');
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new UpstreamError('too_large', 'body');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};

/**
 * A form is written out before it is sent: it then has a length, which some servers ask for, and no stream
 * that fails by itself, outside of our reach, when the connection is refused.
 */
const toWholeRequest = async (request: UpstreamRequest): Promise<UpstreamRequest> => {
  if (!(request.body instanceof FormData)) return request;
  const form = new Response(request.body);
  const headers = new Headers(request.headers ?? {});
  headers.set('content-type', form.headers.get('content-type') ?? 'multipart/form-data');
  return { ...request, headers, body: await form.arrayBuffer() };
};

/** These servers are named by a setting, so they may know which request of ours they work for. */
const withTrace = (request: UpstreamRequest): UpstreamRequest => {
  const headers = new Headers(request.headers ?? {});
  for (const [name, value] of Object.entries(traceHeaders())) headers.set(name, value);
  return { ...request, headers };
};

/**
 * One exchange with a server whose address is a setting: no retries, no redirects (they would carry
 * photo and key to a place that nobody configured), a limit for time and size, the whole answer in
 * memory. Any status is an answer.
 *
 * @throws UpstreamError when there was no whole answer; `aborted` when the caller gave up
 */
export const exchange = async (
  url: string,
  request: UpstreamRequest,
  limits: UpstreamLimits,
  signal: AbortSignal,
): Promise<UpstreamAnswer> => {
  const whole = withTrace(await toWholeRequest(request));
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), limits.timeoutMs);
  try {
    const response = await fetch(url, {
      ...whole,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout.signal]),
    });
    const bytes = await readAll(response, limits.maxBytes);
    return { status: response.status, headers: response.headers, bytes };
  } catch (error) {
    if (signal.aborted) throw new UpstreamError('aborted', 'caller');
    if (timeout.signal.aborted) throw new UpstreamError('timeout', 'total');
    throw toUpstreamError(error);
  } finally {
    clearTimeout(timer);
    // Ends the connection of an answer that was not read to its end.
    timeout.abort();
  }
};

/** Statuses whose answers have no body by definition; `Response` refuses one for them. */
const BODILESS = new Set([204, 205, 304]);

/** The same exchange in the form that SDKs take for their `fetch`. */
export const boundedFetch =
  (limits: UpstreamLimits): typeof fetch =>
  async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const { method, headers, body } = init;
    const signal = init.signal ?? new AbortController().signal;
    const answer = await exchange(
      url,
      { ...(method ? { method } : {}), ...(headers ? { headers } : {}), ...(body ? { body } : {}) },
      limits,
      signal,
    );
    const { status } = answer;
    return new Response(BODILESS.has(status) ? null : new Uint8Array(answer.bytes), {
      status,
      headers: answer.headers,
    });
  };
