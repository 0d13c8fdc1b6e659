import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';

import { type Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors/app-error.js';
import { ProviderError, type ProviderErrorOptions } from '../../common/errors/errors.js';

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before one probe is let through. */
  readonly openMs: number;
}

export interface BreakerState {
  readonly provider: string;
  readonly state: 'closed' | 'open' | 'half_open';
  /** Why it is open; null while closed. */
  readonly reason: string | null;
}

/** A failure that will still be there tomorrow: the breaker stays open for `goneMs` at once. */
export class ProviderGoneError extends ProviderError {
  constructor(
    message: string,
    readonly goneMs: number,
    options: ProviderErrorOptions,
  ) {
    super('provider_failed', message, options);
  }
}

/** What our caller did wrong, or asked to stop, says nothing about the provider. */
const isProviderFailure = (error: unknown): boolean => error instanceof ProviderError;

/**
 * Leaves a provider alone for a while after repeated failures, then lets one call probe it.
 * The states are cockatiel's (https://github.com/connor4312/cockatiel#circuit-breaker).
 */
export class ProviderBreaker {
  private readonly policy: CircuitBreakerPolicy;
  private openedAt = 0;
  private goneUntil = 0;
  private reason: string | null = null;

  constructor(
    readonly provider: string,
    private readonly options: BreakerOptions,
    private readonly clock: Clock,
  ) {
    this.policy = circuitBreaker(handleWhen(isProviderFailure), {
      halfOpenAfter: options.openMs,
      breaker: new ConsecutiveBreaker(options.failures),
    });
    this.policy.onBreak(() => {
      this.openedAt = clock.now();
    });
    this.policy.onReset(() => {
      this.reason = null;
    });
  }

  /** @throws ProviderError `provider_unavailable` while open, or what `work` throws */
  async run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    if (this.clock.now() < this.goneUntil) throw this.openError(operation);
    try {
      return await this.policy.execute(work);
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw this.openError(operation);
      this.note(error);
      throw error;
    }
  }

  state(): BreakerState {
    const isGone = this.clock.now() < this.goneUntil;
    const { provider, reason } = this;
    if (!isGone && this.policy.state === CircuitState.Closed) {
      return { provider, state: 'closed', reason: null };
    }
    const isHalfOpen = !isGone && this.policy.state === CircuitState.HalfOpen;
    return { provider, state: isHalfOpen ? 'half_open' : 'open', reason };
  }

  private note(error: unknown): void {
    if (!isProviderFailure(error)) return;
    this.reason = error instanceof AppError ? error.message : null;
    if (error instanceof ProviderGoneError) this.goneUntil = this.clock.now() + error.goneMs;
  }

  private openError(operation: string): ProviderError {
    const opensAt = Math.max(this.goneUntil, this.openedAt + this.options.openMs);
    const { provider, reason } = this;
    return new ProviderError(
      'provider_unavailable',
      `The provider ${provider} is left alone for a while after failures.${reason ? ` ${reason}` : ''}`,
      {
        provider,
        operation,
        retryAfterMs: Math.max(0, opensAt - this.clock.now()),
        details: { provider, operation, reason: 'breaker_open' },
      },
    );
  }
}
