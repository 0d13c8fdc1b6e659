export const CLOCK = Symbol('CLOCK');

/** Time as a dependency, so that tests of waiting and expiry do not sleep. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
