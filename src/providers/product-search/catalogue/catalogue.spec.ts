import { describe, expect, it } from '@jest/globals';

import { ITEM_RULES } from '../../prompt-writer/embedded/item-rules.js';
import { findCatalogueIcon } from './catalogue-icons.js';
import { findCatalogueMatches, normaliseKeyword } from './catalogue-matching.js';
import { CATALOGUE } from './catalogue.js';

const ITEMS = CATALOGUE.flatMap(({ items }) => items);

describe('CATALOGUE', () => {
  it('has at least 66 items in at least 22 categories, 3 or more in each', () => {
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(22);
    expect(ITEMS.length).toBeGreaterThanOrEqual(66);
    for (const { items } of CATALOGUE) expect(items.length).toBeGreaterThanOrEqual(3);
  });

  it('names every item and category once', () => {
    expect(new Set(ITEMS.map(({ id }) => id)).size).toBe(ITEMS.length);
    expect(new Set(ITEMS.map(({ title }) => title)).size).toBe(ITEMS.length);
    expect(new Set(CATALOGUE.map(({ slug }) => slug)).size).toBe(CATALOGUE.length);
  });

  it('gives no word to two categories', () => {
    const words = CATALOGUE.flatMap(({ keyword, label, synonyms }) => [
      ...new Set([keyword, label, ...synonyms].map(normaliseKeyword)),
    ]);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });

  it.each(ITEMS)(
    'has a whole price range and plain text: $title',
    ({ title, subCategory, price }) => {
      expect(Number.isInteger(price.minKrw) && Number.isInteger(price.maxKrw)).toBe(true);
      expect(price.minKrw).toBeGreaterThan(0);
      expect(price.maxKrw).toBeGreaterThan(price.minKrw);
      expect(title).toMatch(/^[\p{Script=Hangul}A-Za-z0-9 -]+$/u);
      expect(subCategory).not.toBe('');
    },
  );

  it('finds at least 3 products of one category for every keyword the embedded writer can give', () => {
    const found = ITEM_RULES.map(({ keyword, label }) => ({
      keyword,
      count: findCatalogueMatches(keyword, label).length,
      slugs: [
        ...new Set(findCatalogueMatches(keyword, label).map(({ category }) => category.slug)),
      ],
    }));
    expect(found.filter(({ count, slugs }) => count < 3 || slugs.length !== 1)).toEqual([]);
    // Two keywords with the same products would give a task the same product twice.
    expect(new Set(found.flatMap(({ slugs }) => slugs)).size).toBe(ITEM_RULES.length);
  });
});

describe(findCatalogueIcon.name, () => {
  it.each(CATALOGUE)(
    'finds a small drawing without script or outside address: $slug',
    async ({ slug }) => {
      const svg = String(await findCatalogueIcon(slug));
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 96 96"/);
      expect(svg).not.toMatch(/<script|href|url\(|\son\w+=/i);
      expect(svg.length).toBeLessThan(8_000);
    },
  );

  it.each([
    '',
    'unknown',
    '../../package',
    '..%2fpackage',
    'mouse.svg',
    'mouse\0',
    '/etc/passwd',
    'constructor',
    'MOUSE',
  ])('finds nothing for %j', async (slug) => {
    expect(await findCatalogueIcon(slug)).toBeUndefined();
  });
});
