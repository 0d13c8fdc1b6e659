import PQueue from 'p-queue';

import { exchange, type UpstreamAnswer } from '../upstream/upstream-client.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { toConnectionFailure, type UpstreamCall } from '../upstream/upstream-failure.js';

export interface ShopClientOptions {
  readonly call: UpstreamCall;
  readonly timeoutMs: number;
  readonly callsPerSecond: number;
}

const MAX_ANSWER_BYTES = 2 * 1_048_576;
const SECOND_MS = 1_000;

/** GET requests to a shop, no more a second than it allows; those above wait their turn on our side. */
export class ShopClient {
  private readonly queue: PQueue;

  constructor(private readonly options: ShopClientOptions) {
    this.queue = new PQueue({ interval: SECOND_MS, intervalCap: options.callsPerSecond });
  }

  /** Any status is an answer. @throws ProviderError when there was none */
  async get(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<UpstreamAnswer> {
    signal.throwIfAborted();
    const { call, timeoutMs } = this.options;
    const limits = { timeoutMs, maxBytes: MAX_ANSWER_BYTES };
    try {
      return await this.queue.add(
        () => exchange(url.href, { method: 'GET', headers }, limits, signal),
        { signal },
      );
    } catch (error) {
      throw error instanceof UpstreamError ? toConnectionFailure(error, call, signal) : error;
    }
  }
}
