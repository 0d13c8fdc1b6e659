export const PRODUCT_SEARCH = Symbol('PRODUCT_SEARCH');

export interface Product {
  /** Plain text: no HTML, no entities. */
  readonly title: string;
  /** Whole Korean won. */
  readonly priceKrw: number;
  readonly mall: string;
  readonly link: string;
  readonly imageUrl: string;
  readonly mainCategory: string;
  readonly subCategory: string;
}

export interface ProductQuery {
  /** Korean keyword. */
  readonly keyword: string;
  /** English label of the item; used to rank. */
  readonly label: string;
  /** At most this many products. */
  readonly limit: number;
}

export interface ProductSearchResult {
  readonly products: readonly Product[];
  /** `name` of the source that answered. */
  readonly source: string;
  /** For the task's `warnings`, for example that another source had to take over. */
  readonly warnings?: readonly string[];
}

export interface ProductSearch {
  readonly name: string;
  /**
   * Finds products for one keyword, best first and repeatable. Nothing found is an empty list.
   *
   * @throws ProviderError when the vendor fails
   */
  search(query: ProductQuery, signal: AbortSignal): Promise<ProductSearchResult>;
}
