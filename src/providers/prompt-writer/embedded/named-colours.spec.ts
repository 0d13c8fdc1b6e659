import { describe, expect, it } from '@jest/globals';

import { toLab, toNamedColour } from './named-colours.js';

describe(toNamedColour.name, () => {
  it.each<[name: string, rgb: [number, number, number]]>([
    ['black', [8, 8, 8]],
    ['white', [250, 250, 250]],
    ['grey', [136, 137, 138]],
    ['oak', [188, 148, 98]],
    ['walnut brown', [128, 92, 58]],
    ['navy', [26, 40, 76]],
    ['forest green', [44, 92, 56]],
    ['red', [200, 44, 44]],
    ['sky blue', [170, 200, 225]],
  ])('calls a typical one %s', (name, [red, green, blue]) => {
    expect(toNamedColour(toLab(red, green, blue)).name).toBe(name);
  });
});
