import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  /** A result younger than this is used again, in milliseconds. */
  readonly keepMs: number;
  /** How long a scrape waits for a new result before it takes the last one, in milliseconds. */
  readonly waitMs: number;
}

export interface Reading<T> {
  /** The last good result; undefined before the first. */
  readonly value: T | undefined;
  /** Whether the newest attempt has been answered, and well. */
  readonly isUp: boolean;
  /** Seconds since the last good result; undefined before the first. */
  readonly ageSeconds: number | undefined;
}

/**
 * Asks something outside for as many scrapes as come, at most once in a while, one question at a time.
 * What hangs makes a scrape late by `waitMs` once, and then not any more.
 */
export class PacedReading<T> {
  private value: T | undefined;
  private goodAt: number | undefined;
  private askedAt = Number.NEGATIVE_INFINITY;
  private isUp = false;
  private asking: Promise<void> | undefined;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly pace: Pace,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async read(): Promise<Reading<T>> {
    const isNew = !this.asking && this.now() - this.askedAt >= this.pace.keepMs;
    if (isNew) this.start();
    if (isNew && this.asking) await this.waitFor(this.asking);
    const { value, goodAt } = this;
    return {
      value,
      isUp: this.isUp,
      ageSeconds: goodAt === undefined ? undefined : (this.now() - goodAt) / 1_000,
    };
  }

  private start(): void {
    this.askedAt = this.now();
    this.asking = this.take().finally(() => (this.asking = undefined));
  }

  private async take(): Promise<void> {
    try {
      this.value = await this.ask();
      this.goodAt = this.now();
      this.isUp = true;
    } catch {
      this.isUp = false;
    }
  }

  private async waitFor(asking: Promise<void>): Promise<void> {
    const waiting = new AbortController();
    const late = sleep(this.pace.waitMs, true, { signal: waiting.signal, ref: false });
    const isLate = await Promise.race([asking.then(() => false), late.catch(() => false)]);
    waiting.abort();
    if (isLate) this.isUp = false;
  }
}
