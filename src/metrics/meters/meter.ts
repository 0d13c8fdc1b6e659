/** Ends the watching of one thing. */
export type Unwatch = () => void;

/** Measures one part of the service by watching what it tells. */
export interface Meter {
  watch(): readonly Unwatch[];
}

/** Seconds: from an answer out of a cache to the limits of requests, calls and steps. */
export const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
export const WORK_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
/** From a queue that is empty to a task's deadline. */
export const TASK_BUCKETS = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];
export const SIZE_BUCKETS = [256, 1_024, 8_192, 65_536, 524_288, 2_097_152, 8_388_608, 16_777_216];
