import { type ProductCandidate } from './product-candidate.js';
import { type Product, type ProductQuery } from './product-search.port.js';

/** Weights of the parts of a score; what counts is their order. */
const WHOLE_KEYWORD = 4;
const KEYWORD_WORDS = 3;
const KEYWORD_CATEGORY = 2;
const LABEL_WORDS = 1;
const MATCHED = 0.5;
/** A title that lists every search word a seller could think of. */
const STUFFED_WORDS = 18;
const STUFFED = -1;

const squash = (text: string): string => text.replaceAll(/[\s()[\]/,.·+_-]/g, '').toLowerCase();
const words = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[\s()[\]/,·+_-]+/)
    .filter((word) => word.length > 1);

const shareOf = (wanted: readonly string[], text: string): number =>
  wanted.length === 0 ? 0 : wanted.filter((word) => text.includes(word)).length / wanted.length;

const scoreOf = (candidate: ProductCandidate, { keyword, label }: ProductQuery): number => {
  const title = squash(candidate.product.title);
  const categories = squash(candidate.categories.join(' '));
  const text = `${title}${squash(candidate.brand)}`;
  const wanted = words(keyword);
  return (
    (title.includes(squash(keyword)) ? WHOLE_KEYWORD : 0) +
    shareOf(wanted, text) * KEYWORD_WORDS +
    shareOf(wanted, categories) * KEYWORD_CATEGORY +
    shareOf(words(label), text) * LABEL_WORDS +
    (candidate.isMatched ? MATCHED : 0) +
    (words(candidate.product.title).length > STUFFED_WORDS ? STUFFED : 0)
  );
};

/**
 * Best first by closeness to keyword and label; the shop's own order decides between equals, so the same
 * answer always gives the same list. Nothing is drawn by lot.
 */
export const rankProducts = (
  candidates: readonly ProductCandidate[],
  query: ProductQuery,
): Product[] =>
  candidates
    .map((candidate, place) => ({ candidate, place, score: scoreOf(candidate, query) }))
    .toSorted((left, right) => right.score - left.score || left.place - right.place)
    .slice(0, query.limit)
    .map(({ candidate }) => candidate.product);

/** The first of each id, in the order they came. */
export const withoutDuplicates = (candidates: readonly ProductCandidate[]): ProductCandidate[] =>
  [
    ...new Map(candidates.toReversed().map((candidate) => [candidate.id, candidate])).values(),
  ].toReversed();
