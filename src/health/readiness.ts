import { HttpException } from '@nestjs/common';
import {
  type HealthCheckResult,
  type HealthCheckService,
  type HealthIndicatorResult,
  type HealthIndicatorService,
} from '@nestjs/terminus';

import { type HealthMonitor, type NamedState } from './health-monitor.js';

export interface ReadinessReport {
  readonly isReady: boolean;
  readonly result: HealthCheckResult;
}

/** Puts the last results into the shape of Terminus; asks nobody. */
export class Readiness {
  private shutdownBeganAt: number | undefined;

  constructor(
    private readonly monitor: Pick<HealthMonitor, 'states'>,
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** From now on and for good: other instances have to take the requests. */
  beginShutdown(): void {
    this.shutdownBeganAt ??= performance.now();
  }

  /** Milliseconds since then, 0 before. */
  shuttingDownForMs(): number {
    return this.shutdownBeganAt === undefined ? 0 : performance.now() - this.shutdownBeganAt;
  }

  async read(): Promise<ReadinessReport> {
    const result = await this.judge();
    if (this.shutdownBeganAt !== undefined) {
      return { isReady: false, result: { ...result, status: 'shutting_down' } };
    }
    return { isReady: result.status === 'ok' || result.status === 'degraded', result };
  }

  private async judge(): Promise<HealthCheckResult> {
    const results = this.monitor.states().map((state) => this.toIndicator(state));
    try {
      return await this.health.check(results.map((result) => () => result));
    } catch (error) {
      // Terminus throws what is not ready, with the same report inside.
      if (error instanceof HttpException) return error.getResponse() as HealthCheckResult;
      throw error;
    }
  }

  private toIndicator(state: NamedState): HealthIndicatorResult {
    const { name, status, reason, checkedAt, durationMs, data } = state;
    const indicator = this.indicators.check(name);
    const facts: Record<string, unknown> = {
      ...(reason === null ? {} : { message: reason }),
      checked_at: checkedAt === null ? null : new Date(checkedAt).toISOString(),
      duration_ms: durationMs,
      ...data,
    };
    switch (status) {
      case 'up':
        return indicator.up(facts);
      case 'degraded':
        return indicator.degraded(facts);
      case 'down':
        return indicator.down(facts);
    }
  }
}
