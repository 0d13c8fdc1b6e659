export const SPEND_LEDGER = Symbol('SPEND_LEDGER');

/** What was spent on which day (UTC). Several processes that share a budget share a ledger. */
export interface SpendLedger {
  /** @param day `YYYY-MM-DD` */
  spentOn(day: string): Promise<number>;
  add(day: string, usd: number): Promise<void>;
  /** The durable record says that at least this much was spent, here or in another process. */
  atLeast(day: string, usd: number): void;
}
