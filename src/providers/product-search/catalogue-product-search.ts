import { providerCalls } from '../provider.diagnostics.js';
import { type CatalogueMatch, findCatalogueMatches } from './catalogue/catalogue-matching.js';
import {
  type Product,
  type ProductQuery,
  type ProductSearch,
  type ProductSearchResult,
} from './product-search.port.js';

const SHOP_SEARCH_URL = 'https://search.shopping.naver.com/search/all';
/** The link leads to a search, not to an offer, and the shop's name says so. */
const MALL = '네이버쇼핑 검색';

/**
 * Answers from the embedded catalogue: kinds of desk items with a usual price and a link to a shop
 * search. Works offline and without a key; it knows no offers, stock or today's prices.
 */
export class CatalogueProductSearch implements ProductSearch {
  readonly name = 'catalogue';
  private readonly iconBaseUrl: string;

  /** @param publicBaseUrl prefix of links we hand out; the icons are served below it */
  constructor(publicBaseUrl: string) {
    this.iconBaseUrl = `${publicBaseUrl.replace(/\/+$/, '')}/images/catalogue-`;
  }

  search(query: ProductQuery, signal: AbortSignal): Promise<ProductSearchResult> {
    const call = { provider: this.name, operation: 'shop.search', model: null };
    return providerCalls.run(call, () => this.find(query, signal));
  }

  private async find(query: ProductQuery, signal: AbortSignal): Promise<ProductSearchResult> {
    signal.throwIfAborted();
    const matches = findCatalogueMatches(query.keyword, query.label);
    const products = matches
      .slice(0, Math.max(0, query.limit))
      .map((match) => this.toProduct(match));
    return { products, source: this.name };
  }

  private toProduct({ category, item }: CatalogueMatch): Product {
    return {
      title: item.title,
      // One price fits the wire: the lower end, as "from" prices in shops do.
      priceKrw: item.price.minKrw,
      mall: MALL,
      link: `${SHOP_SEARCH_URL}?query=${encodeURIComponent(item.title)}`,
      imageUrl: `${this.iconBaseUrl}${category.slug}.svg`,
      mainCategory: category.mainCategory,
      subCategory: item.subCategory,
    };
  }
}
