import { type Product } from './product-search.port.js';

/** A product as a shop gave it, cleaned, with what ranking needs and the port does not show. */
export interface ProductCandidate {
  readonly id: string;
  readonly product: Product;
  /** All category names, from wide to narrow. */
  readonly categories: readonly string[];
  readonly brand: string;
  /** A catalogue page that compares many malls, or one the shop matched to such a page. */
  readonly isMatched: boolean;
}
