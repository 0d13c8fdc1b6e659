import { OutboundError } from './outbound-error.js';

/**
 * One abort signal for everything that can end an exchange early: the caller, the total time and
 * the time to the first byte of the current hop. Its reason is always an OutboundError.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly totalTimer: NodeJS.Timeout;
  private hopTimer: NodeJS.Timeout | undefined;
  private host = '';

  constructor(
    timeoutMs: number,
    private readonly caller: AbortSignal,
  ) {
    this.totalTimer = setTimeout(() => this.expire('total'), timeoutMs);
    if (caller.aborted) this.onCallerAbort();
    else caller.addEventListener('abort', this.onCallerAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Starts the clock of one hop: resolving, connecting and all headers of the answer count. */
  startHop(host: string, firstByteTimeoutMs: number): void {
    this.host = host;
    this.hopTimer = setTimeout(() => this.expire('first_byte'), firstByteTimeoutMs);
  }

  /** The headers of this hop are there; from now on only the total time counts. */
  endHop(): void {
    clearTimeout(this.hopTimer);
  }

  /** Waits for work that cannot be cancelled (a name look-up), no longer than the deadline. */
  async race<T>(work: Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    let onAbort = (): void => undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(this.signal.reason as OutboundError);
      this.signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
    }
  }

  /** Must be called in the end, or the timers keep the process alive. */
  clear(): void {
    clearTimeout(this.totalTimer);
    clearTimeout(this.hopTimer);
    this.caller.removeEventListener('abort', this.onCallerAbort);
  }

  private readonly onCallerAbort = (): void => {
    this.controller.abort(
      new OutboundError('aborted', 'The request was given up by its caller', {
        reason: 'aborted',
        host: this.host,
      }),
    );
  };

  private expire(reason: 'total' | 'first_byte'): void {
    this.controller.abort(
      new OutboundError('timeout', `"${this.host}" did not answer in time`, {
        reason,
        host: this.host,
        isTransient: true,
      }),
    );
  }
}
