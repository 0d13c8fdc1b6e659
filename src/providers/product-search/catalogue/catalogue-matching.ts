import { type CatalogueCategory, type CatalogueItem } from './catalogue-categories.js';
import { CATALOGUE } from './catalogue.js';

export interface CatalogueMatch {
  readonly category: CatalogueCategory;
  readonly item: CatalogueItem;
}

/** How surely a keyword means a category; a higher rung always beats a lower one. */
const SCORES = {
  exact: 100,
  synonym: 90,
  label: 80,
  headNoun: 70,
  contains: 60,
  similar: 40,
} as const;

/** Matches this far below the best one are noise. */
const KEPT_SHARE_OF_BEST = 0.85;
/** Shared pairs of letters; "주방 정리함" and "서류 정리함" reach 0.5 and mean different things. */
const MIN_SIMILARITY = 0.56;
const MIN_CONTAINED_LENGTH = 2;
/** A keyword that merely starts with a term must consist of it for the most part. */
const MIN_CONTAINED_SHARE = 0.5;

/** Shops, models and people differ in spaces, case and Unicode form; meaning does not. */
export const normaliseKeyword = (keyword: string): string =>
  keyword
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s\-_/·.,]+/g, '');

const toPairs = (text: string): string[] => {
  const letters = [...text];
  return letters.slice(0, -1).map((letter, index) => `${letter}${letters[index + 1] ?? ''}`);
};

const countShared = (some: readonly string[], others: readonly string[]): number => {
  const rest = [...others];
  return some.filter((pair) => {
    const at = rest.indexOf(pair);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  }).length;
};

/** Dice coefficient of letter pairs, 0 to 1: works for Korean, where a syllable is a letter. */
const similarityOf = (one: string, other: string): number => {
  const pairs = toPairs(one);
  const others = toPairs(other);
  const total = pairs.length + others.length;
  return total === 0 ? 0 : (2 * countShared(pairs, others)) / total;
};

/** How much of the query a title repeats, 0 to 1. */
const coverageOf = (query: string, title: string): number =>
  countShared(toPairs(query), toPairs(title)) / Math.max(1, query.length - 1);

const scoreTerm = (query: string, term: string): number => {
  const [short, long] = query.length < term.length ? [query, term] : [term, query];
  if (short.length >= MIN_CONTAINED_LENGTH && long.includes(short)) {
    const share = short.length / long.length;
    // Korean and English put the head noun last: "화이트 무선 마우스" is a mouse.
    if (long.endsWith(short)) return SCORES.headNoun + 9 * share;
    if (share >= MIN_CONTAINED_SHARE) return SCORES.contains + 9 * share;
  }
  const similarity = similarityOf(query, term);
  return similarity >= MIN_SIMILARITY ? SCORES.similar + 9 * similarity : 0;
};

const scoreCategory = (query: string, label: string, category: CatalogueCategory): number => {
  const keyword = normaliseKeyword(category.keyword);
  const others = [category.label, ...category.synonyms].map(normaliseKeyword);
  if (query === keyword) return SCORES.exact;
  if (others.includes(query)) return SCORES.synonym;
  const sameLabel = label !== '' && [keyword, ...others].includes(label) ? SCORES.label : 0;
  return Math.max(sameLabel, ...[keyword, ...others].map((term) => scoreTerm(query, term)));
};

/**
 * Finds catalogue items for a keyword, best first. Only the categories that fit about as well as
 * the best one count, so that "마우스" does not bring mouse pads. The order is always the same.
 */
export const findCatalogueMatches = (keyword: string, label: string): CatalogueMatch[] => {
  const query = normaliseKeyword(keyword);
  if (query === '') return [];
  const scored = CATALOGUE.map((category) => ({
    category,
    score: scoreCategory(query, normaliseKeyword(label), category),
  })).filter(({ score }) => score > 0);
  const best = Math.max(0, ...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => score >= best * KEPT_SHARE_OF_BEST)
    .flatMap(({ category, score }) =>
      category.items.map((item) => ({
        category,
        item,
        // Within a category the title decides: "유선 마우스" puts the wired one first.
        score: score + coverageOf(query, normaliseKeyword(item.title)),
      })),
    )
    .toSorted((one, other) => other.score - one.score)
    .map(({ category, item }) => ({ category, item }));
};
