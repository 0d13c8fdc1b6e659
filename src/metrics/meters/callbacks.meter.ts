import { Counter, Histogram, type Registry } from 'prom-client';

import { secondsSince } from '../../common/telemetry/operation.js';
import { codeOf } from '../../common/telemetry/outcome.js';
import { callbackAttempts } from '../../tasks/task.diagnostics.js';
import { type Meter, REQUEST_BUCKETS, type Unwatch } from './meter.js';

/** Attempts to tell a receiver; who that is stays out of the labels. */
export class CallbacksMeter implements Meter {
  private readonly attempts;
  private readonly duration;

  constructor(registry: Registry) {
    const registers = [registry];
    this.attempts = new Counter({
      name: 'deskai_callback_attempts_total',
      help: 'Attempts by outcome (`delivered`, `retry`, `gave_up`, `error`) and reason.',
      labelNames: ['outcome', 'reason'],
      registers,
    });
    this.duration = new Histogram({
      name: 'deskai_callback_attempt_duration_seconds',
      help: 'Time of one attempt.',
      labelNames: ['outcome'],
      buckets: REQUEST_BUCKETS,
      registers,
    });
  }

  watch(): readonly Unwatch[] {
    return [
      callbackAttempts.watch({
        ended: ({ result, startedAt, ...run }) => {
          if (!result && !('error' in run)) return;
          const outcome = result?.outcome ?? 'error';
          const reason = result ? toReasonClass(result.reason) : codeOf(run.error);
          this.attempts.inc({ outcome, reason });
          const seconds = result ? result.latencyMs / 1_000 : secondsSince(startedAt);
          this.duration.observe({ outcome }, seconds);
        },
      }),
    ];
  }
}

/** A receiver may answer with any status: `http_503` is counted as `http_5xx`. */
const toReasonClass = (reason: string): string => reason.replace(/^http_(\d)\d\d$/, 'http_$1xx');
