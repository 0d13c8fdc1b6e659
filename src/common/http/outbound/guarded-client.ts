import { type Clock, systemClock } from '../../clock.js';
import { type BodyMemory } from './body-memory.js';
import { type ResolveHost, resolveHost } from './checked-connection.js';
import { type ExchangeRequest, type RawAnswer } from './connection.js';
import { Deadline } from './deadline.js';
import { type ExchangeOptions, exchangeOnce, headerOf } from './exchange.js';
import { HostList } from './host-list.js';
import { KeptConnections } from './kept-connections.js';
import { OutboundError } from './outbound-error.js';
import {
  DEFAULT_PORTS,
  type OutboundTarget,
  parseOutboundUrl,
  type UrlRules,
} from './outbound-url.js';
import { collectBody } from './response-body.js';
import { parseRetryAfter } from './retry-after.js';

export interface GuardedHttpClientOptions {
  /** `any`: every public host. A list (`host`, `host:port`, `*.host`): these only. */
  readonly allowedHosts: 'any' | readonly string[];
  /** Hosts that may resolve to private addresses; `host` on any port, `host:port` on that one. */
  readonly allowedPrivateHosts: readonly string[];
  /** Ports open on every host; 80, 443, 8080 and 8443 unless given. */
  readonly allowedPorts?: readonly number[];
  readonly resolve?: ResolveHost;
  readonly connectTimeoutMs?: number;
  /** How long a connection may wait for the next GET to its origin; 0, the default, keeps none. */
  readonly keepAliveMs?: number;
  /** Certificate authority in PEM that is trusted instead of the built-in ones. */
  readonly ca?: string;
  readonly clock?: Clock;
}

export interface DownloadOptions {
  /** For everything: redirects, answers and the reading of the body. */
  readonly timeoutMs: number;
  /** For resolving, connecting and the headers of each answer. */
  readonly firstByteTimeoutMs: number;
  readonly maxRedirects: number;
  readonly maxBytes: number;
  readonly accept?: string;
  /** For the file; whoever hands it in may give the file back to it. */
  readonly memory?: BodyMemory;
  readonly signal: AbortSignal;
}

/** The part of the client that fetches files. */
export interface Downloader {
  /** @throws OutboundError `forbidden_url` or `forbidden_address` */
  assertAllowed(url: string): void;
  /** @throws OutboundError */
  download(url: string, options: DownloadOptions): Promise<Buffer<ArrayBuffer>>;
}

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  /** Any status, 3xx included: redirects of a POST are not followed. */
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const TRANSIENT_STATUS = new Set([408, 425, 429]);
const MAX_POST_ANSWER_BYTES = 4_096;

/**
 * The only way out to addresses that strangers name (photos, callbacks). Every hop is parsed; every
 * connection goes to an address that was resolved and checked for it, and serves one origin. No proxy
 * variable, cookie, cache or credential takes part.
 */
export class GuardedHttpClient implements Downloader {
  private readonly rules: UrlRules;
  private readonly exchangeOptions: ExchangeOptions;
  private readonly clock: Clock;

  /** @throws ConfigurationError when a listed host cannot be understood */
  constructor(options: GuardedHttpClientOptions) {
    this.rules = {
      allowedHosts: options.allowedHosts === 'any' ? 'any' : new HostList(options.allowedHosts),
      allowedPrivateHosts: new HostList(options.allowedPrivateHosts),
      allowedPorts: new Set(options.allowedPorts ?? DEFAULT_PORTS),
    };
    this.clock = options.clock ?? systemClock;
    this.exchangeOptions = {
      resolve: options.resolve ?? resolveHost,
      connectTimeoutMs: options.connectTimeoutMs,
      ca: options.ca,
      kept: new KeptConnections(options.keepAliveMs ?? 0, this.clock),
      clock: this.clock,
    };
  }

  /**
   * All checks that need no network, for refusing an address as soon as it is named.
   * @throws OutboundError `forbidden_url` or `forbidden_address`
   */
  assertAllowed(url: string): void {
    parseOutboundUrl(url, this.rules);
  }

  /** Fetches a file of at most `maxBytes`. @throws OutboundError */
  async download(url: string, options: DownloadOptions): Promise<Buffer<ArrayBuffer>> {
    const first = parseOutboundUrl(url, this.rules);
    const request: ExchangeRequest = {
      method: 'GET',
      headers: { accept: options.accept ?? '*/*', 'accept-encoding': 'identity' },
      firstByteTimeoutMs: options.firstByteTimeoutMs,
    };
    const deadline = new Deadline(options.timeoutMs, options.signal);
    const visit = (target: OutboundTarget): Promise<Buffer<ArrayBuffer> | OutboundTarget> =>
      exchangeOnce(
        target,
        request,
        this.exchangeOptions,
        deadline,
        async (answer) =>
          this.findRedirect(answer, target, first) ??
          (await this.readFile(answer, target.host, options, deadline)),
      );
    try {
      let target = first;
      for (let redirects = 0; ; redirects += 1) {
        const result = await visit(target);
        if (Buffer.isBuffer(result)) return result;
        if (redirects >= options.maxRedirects) throw tooManyRedirects(target, redirects);
        target = result;
      }
    } finally {
      deadline.clear();
    }
  }

  /**
   * Sends one POST. Any status is an answer, not an error, and its body is thrown away.
   * @throws OutboundError when there was no answer
   */
  async post(url: string, options: PostOptions): Promise<PostAnswer> {
    const target = parseOutboundUrl(url, this.rules);
    const request: ExchangeRequest = {
      method: 'POST',
      headers: options.headers,
      body: options.body,
      firstByteTimeoutMs: options.timeoutMs,
    };
    const deadline = new Deadline(options.timeoutMs, options.signal);
    try {
      return await exchangeOnce(target, request, this.exchangeOptions, deadline, async (answer) => {
        // A short answer is read so that the receiver does not see a reset while it writes;
        // the status has arrived and counts, whatever happens to the rest.
        await collectBody(answer.body, {
          host: target.host,
          signal: deadline.signal,
          maxBytes: MAX_POST_ANSWER_BYTES,
        }).catch(() => undefined);
        return { status: answer.statusCode, retryAfterMs: this.retryAfterOf(answer) };
      });
    } finally {
      deadline.clear();
    }
  }

  /** Closes the connections that wait for another request; what is under way goes on. */
  close(): void {
    this.exchangeOptions.kept.close();
  }

  private findRedirect(
    answer: RawAnswer,
    from: OutboundTarget,
    first: OutboundTarget,
  ): OutboundTarget | undefined {
    if (!REDIRECTS.has(answer.statusCode)) return undefined;
    const location = headerOf(answer, 'location');
    const { host } = from;
    if (location === undefined || !URL.canParse(location, from.url.href)) {
      throw new OutboundError('protocol_error', `"${host}" redirects to nowhere`, {
        reason: 'location',
        host,
      });
    }
    const next = parseOutboundUrl(new URL(location, from.url).href, this.rules);
    if (first.url.protocol === 'https:' && next.url.protocol !== 'https:') {
      throw new OutboundError('forbidden_url', `"${host}" redirects from https to http`, {
        reason: 'downgrade',
        host,
      });
    }
    return next;
  }

  private readFile(
    answer: RawAnswer,
    host: string,
    { maxBytes, memory }: DownloadOptions,
    { signal }: Deadline,
  ): Promise<Buffer<ArrayBuffer>> {
    const { statusCode: status } = answer;
    if (status < 200 || status > 299) throw this.toStatusError(answer, host);
    const claimed = headerOf(answer, 'content-length') ?? '';
    const claimedBytes = /^\d{1,15}$/.test(claimed) ? Number(claimed) : undefined;
    // An honest large file is refused before its first byte; a lying one while it streams.
    if (claimedBytes !== undefined && claimedBytes > maxBytes) {
      const message = `"${host}" offers ${claimedBytes} bytes; at most ${maxBytes} are allowed`;
      throw new OutboundError('too_large', message, { reason: 'too_large', host });
    }
    const contentEncoding = headerOf(answer, 'content-encoding') ?? '';
    const options = { host, signal, maxBytes, contentEncoding, claimedBytes, memory };
    return collectBody(answer.body, options);
  }

  private toStatusError(answer: RawAnswer, host: string): OutboundError {
    const { statusCode: status } = answer;
    const retryAfterMs = this.retryAfterOf(answer);
    return new OutboundError('http_status', `"${host}" answered with status ${status}`, {
      reason: `http_${status}`,
      host,
      isTransient: status >= 500 || TRANSIENT_STATUS.has(status),
      status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  private retryAfterOf(answer: RawAnswer): number | undefined {
    return parseRetryAfter(headerOf(answer, 'retry-after'), this.clock.now());
  }
}

const tooManyRedirects = ({ host }: OutboundTarget, redirects: number): OutboundError =>
  new OutboundError('too_many_redirects', `"${host}" redirects again after ${redirects} times`, {
    reason: 'too_many_redirects',
    host,
  });
