import { describe, expect, it } from '@jest/globals';

import { PacedReading } from '../../src/metrics/readings/paced-reading.js';

const aClock = () => {
  const clock = { time: 0, now: () => clock.time };
  return clock;
};

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe(PacedReading.name, () => {
  const PACE = { keepMs: 5_000, waitMs: 20 };

  it('asks once for a storm of scrapes, and again when the answer has grown old', async () => {
    const clock = aClock();
    let asked = 0;
    const reading = new PacedReading(async () => (asked += 1), PACE, clock.now);

    await Promise.all(Array.from({ length: 50 }, () => reading.read()));
    clock.time = 4_999;
    expect(await reading.read()).toEqual({ value: 1, isUp: true, ageSeconds: 4.999 });
    expect(asked).toBe(1);
    clock.time = 5_000;
    expect(await reading.read()).toEqual({ value: 2, isUp: true, ageSeconds: 0 });
  });

  it('answers with the last value while the question hangs, and asks no second one', async () => {
    const clock = aClock();
    const hanging = Promise.withResolvers<string>();
    const answers = [Promise.resolve('before'), hanging.promise, Promise.resolve('after')];
    let asked = 0;
    const reading = new PacedReading(() => answers[asked++] ?? hanging.promise, PACE, clock.now);

    await reading.read();
    clock.time = 10_000;
    expect(await reading.read()).toEqual({ value: 'before', isUp: false, ageSeconds: 10 });
    clock.time = 60_000;
    expect(await reading.read()).toEqual({ value: 'before', isUp: false, ageSeconds: 60 });
    expect(asked).toBe(2);

    hanging.resolve('late');
    await settle();
    clock.time = 61_000;
    expect(await reading.read()).toEqual({ value: 'after', isUp: true, ageSeconds: 0 });
    expect(asked).toBe(3);
  });

  it('keeps the last value after a failure and says that it is down', async () => {
    const clock = aClock();
    let isAway = false;
    const ask = async (): Promise<number> => {
      if (isAway) throw new Error('away');
      return 7;
    };
    const reading = new PacedReading(ask, PACE, clock.now);
    await reading.read();
    isAway = true;
    clock.time = 6_000;
    expect(await reading.read()).toEqual({ value: 7, isUp: false, ageSeconds: 6 });
    isAway = false;
    clock.time = 12_000;
    expect(await reading.read()).toEqual({ value: 7, isUp: true, ageSeconds: 0 });
  });

  it('has nothing to say before the first answer', async () => {
    const reading = new PacedReading(() => Promise.reject(new Error('away')), PACE);
    expect(await reading.read()).toEqual({ value: undefined, isUp: false, ageSeconds: undefined });
  });
});
