import { type ProductSearch, type ProductSearchResult } from './product-search.port.js';
export class CatalogueProductSearch implements ProductSearch {
  readonly name = 'catalogue';
  constructor(readonly base: string) {}
  async search(): Promise<ProductSearchResult> {
    return { products: [], source: this.name };
  }
}
