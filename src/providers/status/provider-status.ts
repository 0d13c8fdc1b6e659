import {
  type InferenceServer,
  type InferenceState,
} from '../image-generator/inference/inference-server.js';
import { type ModelFinding, type ModelWatch, type ModelWatchState } from '../openai/model-watch.js';
import { type BreakerState } from '../resilience/provider-breaker.js';
import { type ProviderBreakers } from '../resilience/provider-breakers.js';
import { type DailyBudget } from '../spend/daily-budget.js';

export interface ProviderReport {
  /** Degraded never means "take this instance out": an outage of a vendor would remove them all. */
  readonly status: 'up' | 'degraded';
  /** One sentence each; empty while up. */
  readonly reasons: readonly string[];
  readonly models: { readonly state: ModelWatchState; readonly findings: readonly ModelFinding[] };
  /** The team's own inference server; null when v2 does not use one. */
  readonly inference: InferenceState | null;
  /** Providers that have been asked at least once, or are bound. */
  readonly breakers: readonly BreakerState[];
  readonly spend: { readonly todayUsd: number; readonly budgetUsd: number | null };
}

/** What `/health`, `/info` and `/metrics` say about everything outside this process. */
export class ProviderStatus {
  constructor(
    private readonly watch: ModelWatch,
    private readonly server: InferenceServer | undefined,
    private readonly breakers: ProviderBreakers,
    private readonly budget: DailyBudget,
  ) {}

  /** When the first of these models is shut down; null when no date is known. */
  firstShutdownOf(models: readonly string[]): string | null {
    const dates = models.map((model) => this.watch.shutdownDateOf(model));
    return dates.filter((date) => date !== null).toSorted()[0] ?? null;
  }

  /** Asks the inference server at most every 10 s and nobody else; never throws. */
  async read(): Promise<ProviderReport> {
    const findings = this.watch.findings();
    const inference = this.server ? await this.server.check() : null;
    const breakers = this.breakers.states();
    const reasons = [
      ...findings.map(({ message }) => message),
      ...(inference?.reason ? [inference.reason] : []),
      ...breakers
        .filter(({ state }) => state !== 'closed')
        .map(({ provider, reason }) =>
          `${provider} is left alone for a while. ${reason ?? ''}`.trim(),
        ),
    ];
    return {
      status: reasons.length === 0 ? 'up' : 'degraded',
      reasons,
      models: { state: this.watch.state(), findings },
      inference,
      breakers,
      spend: {
        todayUsd: await this.budget.spentToday(),
        budgetUsd: this.budget.limitUsd ?? null,
      },
    };
  }
}
