import { Operation } from '../common/telemetry/operation.js';
import { type TokenUsage } from './spend/price-table.js';

/** One call of an adapter, whether it leaves this process or not. */
export interface ObservedCall {
  /** Adapter name, for example `openai`. */
  readonly provider: string;
  readonly operation: string;
  /** Null where there is none, as for a shop. */
  readonly model: string | null;
  /** What was billed, known once it was answered. */
  bill?: { readonly usage: TokenUsage | undefined; readonly usd: number | null };
}

export const providerCalls = new Operation<ObservedCall>('desk-ai.provider.call');
