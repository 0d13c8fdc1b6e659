import { Gauge, type Registry } from 'prom-client';

import { type ModelFinding } from '../../providers/openai/model-watch.js';
import { type BreakerState } from '../../providers/resilience/provider-breaker.js';
import {
  type ProviderReport,
  type ProviderStatus,
} from '../../providers/status/provider-status.js';
import { PacedReading } from './paced-reading.js';

const PACE = { keepMs: 5_000, waitMs: 1_000 };
const STATES = ['closed', 'open', 'half_open'] as const;

/** Breakers, budget, retiring models and the team's inference server, as `/info` sees them. */
export class ProvidersReading {
  private readonly reading: PacedReading<ProviderReport>;
  private readonly breakers;
  private readonly spend;
  private readonly budget;
  private readonly missing;
  private readonly shutdown;
  private readonly inferenceUp;
  private readonly inferenceWaiting;

  constructor(registry: Registry, status: Pick<ProviderStatus, 'read'>) {
    this.reading = new PacedReading(() => status.read(), PACE);
    const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> =>
      new Gauge({ name, help, labelNames, registers: [registry] });
    this.breakers = gauge(
      'deskai_provider_breaker_state',
      '1 for the state that the circuit breaker of each provider is in, 0 for the others.',
      ['provider', 'state'],
    );
    this.spend = gauge(
      'deskai_daily_spend_usd',
      'US dollars that all processes have spent today (UTC), as far as prices are known.',
    );
    this.budget = gauge('deskai_daily_budget_usd', 'DAILY_BUDGET_USD; missing without a limit.');
    this.missing = gauge(
      'deskai_model_missing',
      "1 for a configured model that is not in the vendor's list; missing while all are.",
      ['model', 'setting'],
    );
    this.shutdown = gauge(
      'deskai_model_shutdown_timestamp_seconds',
      'When the vendor shuts a configured model down, if that is within 60 days.',
      ['model', 'setting'],
    );
    this.inferenceUp = gauge(
      'deskai_inference_server_up',
      "Whether the team's inference server answers and has its model; missing without one.",
    );
    this.inferenceWaiting = gauge(
      'deskai_inference_server_waiting',
      'Calls that wait on our side for a free place on the inference server.',
    );
    // What is not there shall be missing, and not 0.
    for (const one of [this.budget, this.inferenceUp, this.inferenceWaiting]) one.remove();
  }

  async collect(): Promise<void> {
    const { value } = await this.reading.read();
    if (!value) return;
    this.showBreakers(value.breakers);
    this.showModels(value.models.findings);
    this.spend.set(value.spend.todayUsd);
    if (value.spend.budgetUsd !== null) this.budget.set(value.spend.budgetUsd);
    if (!value.inference) return;
    this.inferenceUp.set(value.inference.state === 'up' ? 1 : 0);
    this.inferenceWaiting.set(value.inference.waiting);
  }

  private showBreakers(breakers: readonly BreakerState[]): void {
    for (const { provider, state } of breakers) {
      for (const one of STATES) this.breakers.set({ provider, state: one }, one === state ? 1 : 0);
    }
  }

  private showModels(findings: readonly ModelFinding[]): void {
    this.missing.reset();
    this.shutdown.reset();
    for (const { model, setting, problem, shutdownDate } of findings) {
      if (problem === 'missing') this.missing.set({ model, setting }, 1);
      if (shutdownDate === null) continue;
      this.shutdown.set({ model, setting }, Date.parse(shutdownDate) / 1_000);
    }
  }
}
