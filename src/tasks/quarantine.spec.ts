import { describe, expect, it } from '@jest/globals';

import { Quarantine } from './quarantine.js';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe(Quarantine.name, () => {
  const visit = (quarantine: Quarantine) => {
    const inside: string[] = [];
    const leaves = new Map<string, () => void>();
    const enter = async (name: string, isAlone: boolean): Promise<void> => {
      const leave = await quarantine.enter(isAlone);
      inside.push(name);
      leaves.set(name, () => {
        inside.splice(inside.indexOf(name), 1);
        leave();
      });
    };
    const come = (name: string, isAlone: boolean): void => void enter(name, isAlone);
    const go = async (name: string): Promise<void> => {
      leaves.get(name)?.();
      await settle();
    };
    return { inside, come, go };
  };

  it('lets those with a last chance in alone, and the others together, in order', async () => {
    const { inside, come, go } = visit(new Quarantine());
    for (const name of ['a', 'b']) come(name, false);
    for (const name of ['C', 'D']) come(name, true);
    come('e', false);
    await settle();
    expect(inside).toEqual(['a', 'b']);
    await go('a');
    expect(inside).toEqual(['b']);
    await go('b');
    expect(inside).toEqual(['C']);
    await go('C');
    expect(inside).toEqual(['D']);
    await go('D');
    expect(inside).toEqual(['e']);
  });

  it('takes no harm from one that leaves twice', async () => {
    const quarantine = new Quarantine();
    const leave = await quarantine.enter(true);
    leave();
    const { inside, come } = visit(quarantine);
    come('A', true);
    await settle();
    leave();
    come('B', true);
    await settle();
    expect(inside).toEqual(['A']);
  });
});
