import { type Clock } from '../../common/clock.js';
import { LimitError } from '../../common/errors/errors.js';
import { type SpendLedger } from './spend-ledger.port.js';

const DAY_MS = 86_400_000;

/** A paid call that is under way. Exactly one of its two ends has to be called. */
export interface PaidCall {
  /** The price is known, null when it cannot be known: then the estimate is booked. */
  settle(usd: number | null): Promise<void>;
  /** The vendor did not serve it, so it costs nothing. */
  release(): void;
}

/**
 * `DAILY_BUDGET_USD`: no paid call is started once what was spent today (UTC) and what calls under way
 * are expected to cost reach the limit. It may be passed by less than the price of one call.
 */
export class DailyBudget {
  private heldUsd = 0;

  constructor(
    readonly limitUsd: number | undefined,
    private readonly ledger: SpendLedger,
    private readonly clock: Clock,
  ) {}

  get isLimited(): boolean {
    return this.limitUsd !== undefined;
  }

  /** @throws LimitError `budget_exhausted` */
  async start(estimateUsd: number): Promise<PaidCall> {
    const now = this.clock.now();
    const spent = await this.ledger.spentOn(dayOf(now));
    if (this.limitUsd !== undefined && spent + this.heldUsd >= this.limitUsd) {
      throw new LimitError('budget_exhausted', "Today's budget for paid providers is used up.", {
        retryAfterMs: DAY_MS - (now % DAY_MS),
      });
    }
    this.heldUsd += estimateUsd;
    let isOpen = true;
    const close = (): boolean => {
      if (!isOpen) return false;
      isOpen = false;
      this.heldUsd = Math.max(0, this.heldUsd - estimateUsd);
      return true;
    };
    return {
      settle: async (usd) => {
        if (close()) await this.ledger.add(dayOf(this.clock.now()), usd ?? estimateUsd);
      },
      release: () => void close(),
    };
  }

  async spentToday(): Promise<number> {
    return this.ledger.spentOn(dayOf(this.clock.now()));
  }
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
