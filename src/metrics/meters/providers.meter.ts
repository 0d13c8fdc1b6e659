import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { secondsSince } from '../../common/telemetry/operation.js';
import { outcomeOf } from '../../common/telemetry/outcome.js';
import { type ObservedCall, providerCalls } from '../../providers/provider.diagnostics.js';
import { type Meter, type Unwatch, WORK_BUCKETS } from './meter.js';

/** Calls of the adapters and what they cost. */
export class ProvidersMeter implements Meter {
  private readonly calls;
  private readonly duration;
  private readonly inProgress;
  private readonly tokens;
  private readonly cost;
  private readonly unpriced;

  constructor(registry: Registry) {
    const registers = [registry];
    this.calls = new Counter({
      name: 'deskai_provider_calls_total',
      help: 'Calls by provider, operation and outcome: `ok` or an error code.',
      labelNames: ['provider', 'operation', 'outcome'],
      registers,
    });
    this.duration = new Histogram({
      name: 'deskai_provider_call_duration_seconds',
      help: 'Time of one call, without waiting for a free place on our side.',
      labelNames: ['provider', 'operation'],
      buckets: WORK_BUCKETS,
      registers,
    });
    this.inProgress = new Gauge({
      name: 'deskai_provider_calls_in_progress',
      help: 'Calls that are under way.',
      labelNames: ['provider'],
      registers,
    });
    this.tokens = new Counter({
      name: 'deskai_provider_tokens_total',
      help: 'Tokens that were billed, by provider, model and type.',
      labelNames: ['provider', 'model', 'type'],
      registers,
    });
    this.cost = new Counter({
      name: 'deskai_provider_cost_usd_total',
      help: 'US dollars of calls whose price is known.',
      labelNames: ['provider', 'model'],
      registers,
    });
    this.unpriced = new Counter({
      name: 'deskai_provider_unpriced_calls_total',
      help: 'Paid calls whose price is unknown: they are missing in the cost.',
      labelNames: ['provider', 'model'],
      registers,
    });
  }

  watch(): readonly Unwatch[] {
    return [
      providerCalls.watch({
        started: ({ context: { provider } }) => this.inProgress.inc({ provider }),
        ended: (run) => {
          const { provider, operation } = run.context;
          this.inProgress.dec({ provider });
          this.calls.inc({ provider, operation, outcome: outcomeOf(run) });
          this.duration.observe({ provider, operation }, secondsSince(run.startedAt));
          this.countBill(run.context);
        },
      }),
    ];
  }

  private countBill({ provider, model, bill }: ObservedCall): void {
    if (!bill || model === null) return;
    const { usage, usd } = bill;
    if (usd === null) this.unpriced.inc({ provider, model });
    else this.cost.inc({ provider, model }, usd);
    if (!usage) return;
    this.tokens.inc({ provider, model, type: 'text_input' }, usage.textInput);
    this.tokens.inc({ provider, model, type: 'image_input' }, usage.imageInput);
    this.tokens.inc({ provider, model, type: 'output' }, usage.output);
  }
}
