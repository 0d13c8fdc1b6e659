import {
  type Product,
  type ProductQuery,
  type ProductSearch,
  type ProductSearchResult,
} from '../../src/providers/product-search/product-search.port.js';

export const aProduct = (changes: Partial<Product> = {}): Product => ({
  title: '무소음 무선 마우스',
  priceKrw: 21_990,
  mall: '네이버',
  link: 'https://shop.example/1',
  imageUrl: 'https://shop.example/1.jpg',
  mainCategory: '마우스',
  subCategory: '무선마우스',
  ...changes,
});

/** Finds what it was given for any keyword, or fails as it was told to. */
export class FakeProductSearch implements ProductSearch {
  readonly queries: ProductQuery[] = [];
  private readonly failures: unknown[] = [];

  constructor(
    readonly name = 'fake',
    private readonly products: readonly Product[] = [aProduct()],
  ) {}

  failWith(...failures: readonly unknown[]): this {
    this.failures.push(...failures);
    return this;
  }

  async search(query: ProductQuery, signal: AbortSignal): Promise<ProductSearchResult> {
    signal.throwIfAborted();
    this.queries.push(query);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    return { products: this.products.slice(0, query.limit), source: this.name };
  }
}
