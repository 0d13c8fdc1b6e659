import { LRUCache } from 'lru-cache';

import { type Clock } from '../common/clock.js';

/** Enough for everybody who calls within a window; a flood of addresses cannot take more memory. */
const MAX_BUCKETS = 50_000;

/** So many requests in so much time. */
export interface Limit {
  readonly quota: number;
  readonly windowMs: number;
}

export interface Hit {
  readonly isAllowed: boolean;
  readonly remaining: number;
  /** Until the limit is whole again. */
  readonly resetMs: number;
  /** Until one more request is allowed; 0 when it is now. */
  readonly retryAfterMs: number;
}

interface Bucket {
  readonly tokens: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/**
 * Counts requests. A limit refills evenly, so a client that waited for Retry-After is let in, and
 * two windows cannot be used up at their common border. Two numbers a client, a bounded number of
 * clients, and no timer.
 */
export class TokenBuckets {
  private readonly buckets = new LRUCache<string, Bucket>({ max: MAX_BUCKETS });

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.buckets.size;
  }

  take(client: string, { quota, windowMs }: Limit): Hit {
    const now = this.clock.now();
    const perMs = quota / windowMs;
    const known = this.buckets.get(client) ?? { tokens: quota, at: now };
    const refilled = Math.min(quota, known.tokens + Math.max(0, now - known.at) * perMs);
    const isAllowed = refilled >= 1;
    const tokens = isAllowed ? refilled - 1 : refilled;
    this.buckets.set(client, { tokens, at: now });
    return {
      isAllowed,
      remaining: Math.floor(tokens),
      resetMs: (quota - tokens) / perMs,
      retryAfterMs: isAllowed ? 0 : (1 - tokens) / perMs,
    };
  }
}
