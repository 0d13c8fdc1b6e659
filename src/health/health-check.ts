/** Every check of this process; tests put their own here. */
export const HEALTH_CHECKS = Symbol('HEALTH_CHECKS');

/** What a check found. An expected failure is a value; a check that throws counts as failed, too. */
export type Finding =
  | { readonly isOk: true; readonly data?: FindingData }
  | {
      readonly isOk: false;
      /** One sentence for operators. It is public: no addresses, no paths, no vendor's words. */
      readonly reason: string;
      readonly data?: FindingData;
      /** For the log only. */
      readonly cause?: unknown;
    };

export type FindingData = Readonly<Record<string, unknown>>;

export interface HealthCheck {
  readonly name: string;
  /**
   * Whose trouble it is. `instance`: only this process has it, so it is taken out (503). `shared`:
   * all instances have it, and taking all of them out would help nobody (degraded, 200).
   */
  readonly scope: 'instance' | 'shared';
  /**
   * What it means when no answer comes in time. `busy`: this process has a lot to do, and its last
   * result stands until it is stale. `failure`: what was asked hangs.
   */
  readonly whenLate: 'busy' | 'failure';
  readonly timeoutMs: number;
  /** May look again while older runs have not come back. */
  run(signal: AbortSignal): Finding | Promise<Finding>;
}

export const ok = (data?: FindingData): Finding => ({ isOk: true, ...(data && { data }) });

export const failed = (reason: string, data?: FindingData, cause?: unknown): Finding => ({
  isOk: false,
  reason,
  ...(data && { data }),
  ...(cause === undefined ? {} : { cause }),
});
