import { describe, expect, it } from '@jest/globals';

import { TokenBuckets } from './token-buckets.js';

const MINUTE = 60_000;

const aLimiter = (quota: number) => {
  const clock = { time: 1_000_000, now: () => clock.time };
  const buckets = new TokenBuckets(clock);
  return {
    clock,
    buckets,
    take: (client = 'one') => buckets.take(client, { quota, windowMs: MINUTE }),
  };
};

describe(TokenBuckets.name, () => {
  it('lets a burst of the whole limit in, then one more each time its share of the window is over', () => {
    const { clock, take } = aLimiter(3);

    const burst = [take(), take(), take(), take()];
    expect(burst.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false]);
    expect(burst.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
    expect(burst[3]?.retryAfterMs).toBe(20_000);

    clock.time += 19_000;
    expect(take().isAllowed).toBe(false);
    clock.time += 1_000;
    expect(take().isAllowed).toBe(true);
    expect(take().isAllowed).toBe(false);
  });

  it('counts each client by itself', () => {
    const { take } = aLimiter(1);

    expect([take('a'), take('b'), take('a')].map(({ isAllowed }) => isAllowed)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is whole again after a window and never more than whole', () => {
    const { clock, take } = aLimiter(3);
    for (let i = 0; i < 5; i += 1) take();
    clock.time += 10 * MINUTE;

    expect(take()).toEqual({ isAllowed: true, remaining: 2, resetMs: 20_000, retryAfterMs: 0 });
  });

  it('is not fooled by a clock that goes back', () => {
    const { clock, take } = aLimiter(1);
    take();
    clock.time -= MINUTE;

    expect(take().isAllowed).toBe(false);
  });

  it('holds a bounded number of clients, however many call', () => {
    const { buckets, take } = aLimiter(3);
    for (let i = 0; i < 60_000; i += 1) take(`client ${i}`);

    expect(buckets.size).toBe(50_000);
  });
});
