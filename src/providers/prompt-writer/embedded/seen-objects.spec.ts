import { describe, expect, it } from '@jest/globals';

import { type ObjectKind, toSeenObjects } from './seen-objects.js';

describe(toSeenObjects.name, () => {
  it.each<[label: string, kind: ObjectKind]>([
    ['desktop computer', 'screen'],
    ['screen, CRT screen', 'screen'],
    ['web site, website, internet site, site', 'screen'],
    ['notebook, notebook computer', 'laptop'],
    ['Laptop', 'laptop'],
    ['computer_keyboard', 'keyboard'],
    ['mouse,computer mouse', 'mouse'],
    ['coffee mug', 'mug'],
    ['pot, flowerpot', 'plant'],
    ['loudspeaker, speaker, speaker unit', 'speaker'],
    ['binder, ring-binder', 'papers'],
  ])('understands the label "%s" as %s', (label, kind) => {
    expect(toSeenObjects([{ label, probability: 0.4 }]).has(kind)).toBe(true);
  });

  it('does not take a part of a name for the name', () => {
    const objects = toSeenObjects([{ label: 'mousetrap', probability: 0.9 }]);
    expect(objects.mayHave('mouse')).toBe(false);
    expect(objects.isEmpty).toBe(true);
  });

  it('adds up the labels of one kind', () => {
    const tags = ['monitor', 'screen', 'desktop computer'].map((label) => ({
      label,
      probability: 0.04,
    }));
    expect(toSeenObjects(tags).has('screen')).toBe(true);
  });

  it('tells a maybe from a yes', () => {
    const objects = toSeenObjects([{ label: 'table lamp', probability: 0.02 }]);
    expect(objects.has('lamp')).toBe(false);
    expect(objects.mayHave('lamp')).toBe(true);
  });

  it('does not claim an object for a first tag that is hardly likelier than the next', () => {
    const objects = toSeenObjects([
      { label: 'iPod', probability: 0.09 },
      { label: 'hand blower', probability: 0.07 },
    ]);
    expect(objects.has('phone')).toBe(false);
    expect(objects.mayHave('phone')).toBe(true);
  });

  it('does not see a monitor in the screen of a laptop', () => {
    const objects = toSeenObjects([
      { label: 'notebook', probability: 0.6 },
      { label: 'laptop', probability: 0.3 },
      { label: 'screen', probability: 0.06 },
    ]);
    expect(objects.has('laptop')).toBe(true);
    expect(objects.mayHave('screen')).toBe(false);
  });

  it('sees nothing without tags', () => {
    expect(toSeenObjects([]).isEmpty).toBe(true);
  });
});
