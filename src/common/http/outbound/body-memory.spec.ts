import { describe, expect, it } from '@jest/globals';

import { BodyMemory } from './body-memory.js';

const LIMIT = 10_000;

/** What was given back, of these sizes in this order. */
const withKept = (...sizes: readonly number[]): BodyMemory => {
  const memory = new BodyMemory(LIMIT);
  const bodies = sizes.map((size) => memory.take(size));
  for (const body of bodies) memory.giveBack(body);
  return memory;
};

describe(BodyMemory.name, () => {
  it('serves the next body from the memory of an earlier one', () => {
    const memory = withKept(5_000);

    expect(memory.take(4_000)).toHaveLength(5_000);
    expect(memory.take(4_000)).toHaveLength(4_000);
  });

  it('empties what was given back, for everybody who still holds a part of it', () => {
    const memory = new BodyMemory(LIMIT);
    const body = memory.take(5_000).fill('photo');
    const part = body.subarray(10, 20);

    memory.giveBack(body);
    memory.take(5_000).fill('other');

    expect(body).toHaveLength(0);
    expect(part).toHaveLength(0);
  });

  it.each([
    ['too small', 4_000, 5_000],
    ['far too large', 9_000, 1_000],
  ])('leaves memory that is %s to others', (_, kept, wanted) => {
    expect(withKept(kept).take(wanted)).toHaveLength(wanted);
  });

  it('keeps no more than its limit, and what came last', () => {
    const memory = withKept(4_000, 4_100, 4_200);

    expect([1, 2, 3].map(() => memory.take(3_000).length)).toEqual([4_200, 4_100, 3_000]);
  });

  it('keeps nothing of a body that is larger than its limit', () => {
    const memory = withKept(LIMIT + 1);

    expect(memory.take(LIMIT)).toHaveLength(LIMIT);
  });
});
