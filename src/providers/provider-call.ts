/** One call to a paid provider, as the task's cost ledger shows it. */
export interface ProviderCall {
  /** Adapter name, for example `openai`. */
  readonly provider: string;
  /** For example `images.edit`. */
  readonly operation: string;
  readonly model: string;
  /** US dollars; null when the price is not known, never 0 for an unknown one. */
  readonly usd: number | null;
  readonly durationMs: number;
}
