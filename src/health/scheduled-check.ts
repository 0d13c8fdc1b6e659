import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

import { failed, type Finding, type HealthCheck } from './health-check.js';

export interface Schedule {
  readonly intervalMs: number;
  readonly staleMs: number;
}

export type CheckStatus = 'up' | 'degraded' | 'down';

export interface CheckState {
  readonly status: CheckStatus;
  /** Why it is not up; null while it is. */
  readonly reason: string | null;
  /** Of the last result, milliseconds since the Unix epoch; null before the first. */
  readonly checkedAt: number | null;
  readonly durationMs: number | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export type OnResult = (check: HealthCheck, state: CheckState, cause: unknown) => void;

interface Result {
  readonly finding: Finding;
  readonly at: number;
  readonly checkedAt: number;
  readonly durationMs: number;
}

/** Runs of one check that may hang at the same time; more would pile up connections and processes. */
const MAX_PENDING = 2;
const LATE = Symbol('late');

/**
 * One check that runs by itself and remembers what it found, so that a probe never waits for it. Its
 * timers keep no process alive.
 */
export class ScheduledCheck {
  private result: Result | undefined;
  /** Of the run that `result` came from; a late answer must not replace a newer one. */
  private resultOf = 0;
  private runs = 0;
  private pending = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly stopping = new AbortController();

  constructor(
    readonly check: HealthCheck,
    private readonly schedule: Schedule,
    private readonly onResult: OnResult,
    /** Milliseconds that never jump, unlike the time of day. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Resolves after the first run. */
  async start(): Promise<void> {
    await this.run();
    this.runAgain();
  }

  /** Nothing is waited for: what hangs must not hold up the end of the process. */
  stop(): void {
    this.stopping.abort();
    clearTimeout(this.timer);
  }

  state(): CheckState {
    if (!this.result) return this.notUp('This has not been checked yet.', 'down');
    const { finding, at } = this.result;
    const ageMs = this.now() - at;
    if (ageMs > this.schedule.staleMs) {
      return this.notUp(`There has been no result for ${Math.round(ageMs / 1_000)} s.`);
    }
    if (!finding.isOk) return this.notUp(finding.reason);
    return { ...this.facts(), status: 'up', reason: null };
  }

  /** One run; resolves when there is a result or the time is over. */
  async run(): Promise<void> {
    this.runs += 1;
    const run = this.runs;
    const startedAt = this.now();
    const limit = new AbortController();
    const signal = AbortSignal.any([limit.signal, this.stopping.signal]);
    this.pending += 1;
    const answer = this.ask(signal).finally(() => (this.pending -= 1));
    const first = await Promise.race([answer, this.afterLimit(answer)]);
    limit.abort();
    if (first !== LATE) {
      this.record(run, first, startedAt);
      return;
    }
    if (this.check.whenLate === 'failure') this.record(run, lateFinding(this.check), startedAt);
    // Late, but it did come: what was slow is not dead.
    void answer.then((finding) => finding.isOk && this.record(run, finding, startedAt));
  }

  private async cycle(): Promise<void> {
    if (this.pending < MAX_PENDING) await this.run();
    this.runAgain();
  }

  private runAgain(): void {
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => void this.cycle(), this.schedule.intervalMs);
    this.timer.unref();
  }

  private async ask(signal: AbortSignal): Promise<Finding> {
    try {
      return await this.check.run(signal);
    } catch (error) {
      return failed('The check could not be carried out.', undefined, error);
    }
  }

  private async afterLimit(answer: Promise<Finding>): Promise<typeof LATE> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.check.timeoutMs);
    timer.unref();
    await Promise.race([promise, answer]);
    clearTimeout(timer);
    // After a long turn of a busy loop, timers come before the answers that arrived meanwhile.
    for (let turns = 0; turns < 3; turns += 1) await turnOfTheLoop(undefined, { ref: false });
    return LATE;
  }

  private record(run: number, finding: Finding, startedAt: number): void {
    if (this.stopping.signal.aborted || run < this.resultOf) return;
    const at = this.now();
    this.resultOf = run;
    this.result = { finding, at, checkedAt: Date.now(), durationMs: Math.round(at - startedAt) };
    this.onResult(this.check, this.state(), finding.isOk ? undefined : finding.cause);
  }

  private notUp(reason: string, status?: CheckStatus): CheckState {
    const byScope = this.check.scope === 'instance' ? 'down' : 'degraded';
    return { ...this.facts(), status: status ?? byScope, reason };
  }

  private facts(): Pick<CheckState, 'checkedAt' | 'durationMs' | 'data'> {
    return {
      checkedAt: this.result?.checkedAt ?? null,
      durationMs: this.result?.durationMs ?? null,
      data: this.result?.finding.data ?? {},
    };
  }
}

const lateFinding = ({ timeoutMs }: HealthCheck): Finding =>
  failed(`No answer within ${timeoutMs} ms.`);
