import { type SpendLedger } from './spend-ledger.port.js';

const KEPT_DAYS = 7;

/**
 * Sums in memory. A restart forgets them, so whoever holds the durable record (the task store) feeds
 * today's sum back by {@link atLeast}.
 */
export class InProcessSpendLedger implements SpendLedger {
  private readonly byDay = new Map<string, number>();

  async spentOn(day: string): Promise<number> {
    return this.byDay.get(day) ?? 0;
  }

  async add(day: string, usd: number): Promise<void> {
    this.byDay.set(day, (this.byDay.get(day) ?? 0) + usd);
    const [oldest] = [...this.byDay.keys()].toSorted();
    if (this.byDay.size > KEPT_DAYS && oldest !== undefined) this.byDay.delete(oldest);
  }

  atLeast(day: string, usd: number): void {
    this.byDay.set(day, Math.max(usd, this.byDay.get(day) ?? 0));
  }
}
