import { describe, expect, it } from '@jest/globals';

import { chooseItems } from './choose-items.js';
import { toDeskFacts } from './desk-facts.js';
import { ITEM_RULES } from './item-rules.js';
import { NAMED_COLOURS } from './named-colours.js';
import { type PhotoStatistics } from './photo-statistics.js';

const LEVELS_TRIED = [0, 0.15, 0.3, 0.5, 0.9];
const LABELS_TRIED = [
  [],
  ['laptop'],
  ['desktop computer', 'computer keyboard', 'mouse'],
  ['table lamp', 'pot', 'digital clock', 'tray', 'pillow', 'bookcase', 'window shade'],
  ['desk', 'folding chair', 'coffee mug', 'iPod', 'loudspeaker', 'printer', 'binder', 'ballpoint'],
];

const someStatistics = (level: number, other: number): PhotoStatistics => ({
  brightness: level,
  contrast: other / 3,
  warmth: other - 0.3,
  saturation: level,
  highlightShare: other / 3,
  upperClutter: other / 2,
  lowerClutter: level / 2,
  freeSurface: 1 - level,
  greenShare: other / 20,
  lightBalance: level - other,
  colours: NAMED_COLOURS.slice(0, 1).map((colour) => ({ colour, share: 1 })),
});

const EVERY_CASE = LEVELS_TRIED.flatMap((level) =>
  LEVELS_TRIED.flatMap((other) =>
    LABELS_TRIED.map((labels) => ({
      name: `levels ${level} and ${other}, sees ${labels.join(', ') || 'nothing'}`,
      facts: toDeskFacts(
        someStatistics(level, other),
        labels.map((label) => ({ label, probability: 0.2 })),
      ),
    })),
  ),
);

describe(chooseItems.name, () => {
  it.each(EVERY_CASE)('chooses 3 to 6 different items: $name', ({ facts }) => {
    const items = chooseItems(facts);
    expect(items.length).toBeGreaterThanOrEqual(3);
    expect(items.length).toBeLessThanOrEqual(6);
    expect(new Set(items.map(({ keyword }) => keyword)).size).toBe(items.length);
    for (const { reason } of items) expect(reason).toMatch(/^[^.]+\.$/);
  });
});

describe('ITEM_RULES', () => {
  it.each(ITEM_RULES)('has a searchable keyword: $name', ({ keyword, label }) => {
    expect(keyword).toMatch(/^[\p{Script=Hangul}A-Za-z0-9 ]{2,30}$/u);
    expect(keyword.trim()).toBe(keyword);
    expect(label).toMatch(/^[A-Za-z0-9 ]+$/);
  });

  it('names each rule, keyword and label once', () => {
    for (const field of ['name', 'keyword', 'label'] as const) {
      expect(new Set(ITEM_RULES.map((rule) => rule[field])).size).toBe(ITEM_RULES.length);
    }
  });

  it.each(ITEM_RULES)('keeps its weight between 0 and 1 everywhere: $name', ({ weight }) => {
    for (const { facts } of EVERY_CASE) {
      expect(weight(facts)).toBeGreaterThanOrEqual(0);
      expect(weight(facts)).toBeLessThanOrEqual(1);
    }
  });

  it.each(ITEM_RULES)('can win for some photo: $name', ({ weight }) => {
    const headphones = toDeskFacts(someStatistics(0.3, 0.15), [
      { label: 'headphones', probability: 0.5 },
    ]);
    const weights = [...EVERY_CASE.map(({ facts }) => weight(facts)), weight(headphones)];
    expect(Math.max(...weights)).toBeGreaterThan(0);
  });
});
