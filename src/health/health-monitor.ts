import { type AppLogger } from '../common/logging/app-logger.js';
import { healthResults } from '../common/telemetry/health-results.js';
import { type HealthCheck } from './health-check.js';
import { type CheckState, type Schedule, ScheduledCheck } from './scheduled-check.js';

export interface NamedState extends CheckState {
  readonly name: string;
}

/** Keeps all checks running in the background and tells the log when one of them turns. */
export class HealthMonitor {
  private readonly checks: readonly ScheduledCheck[];
  private readonly told = new Map<string, string>();

  constructor(
    checks: readonly HealthCheck[],
    schedule: Schedule,
    private readonly logger: AppLogger,
  ) {
    this.checks = checks.map(
      (check) =>
        new ScheduledCheck(check, schedule, (one, state, cause) => this.tell(one, state, cause)),
    );
  }

  /** Resolves when each has run once. */
  async start(): Promise<void> {
    await Promise.all(this.checks.map((check) => check.start()));
  }

  stop(): void {
    for (const check of this.checks) check.stop();
  }

  states(): readonly NamedState[] {
    return this.checks.map((one) => ({ name: one.check.name, ...one.state() }));
  }

  /** A line for each result would bury everything else. */
  private tell({ name }: HealthCheck, { status, reason }: CheckState, error: unknown): void {
    healthResults.tell({ check: name, status });
    const before = this.told.get(name) ?? 'up';
    if (before === status) return;
    this.told.set(name, status);
    const fields = { check: name, from: before, to: status, ...(reason !== null && { reason }) };
    if (status === 'up') this.logger.info('health', fields);
    else this.logger.warn('health', error === undefined ? fields : { ...fields, error });
  }
}
