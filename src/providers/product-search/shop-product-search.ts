import { type Clock } from '../../common/clock.js';
import { type ProductsConfig } from '../../config/products.config.js';
import { providerCalls } from '../provider.diagnostics.js';
import { type UpstreamCall } from '../upstream/upstream-failure.js';
import { ProductCache } from './product-cache.js';
import { type ProductCandidate } from './product-candidate.js';
import { rankProducts } from './product-ranking.js';
import {
  type ProductQuery,
  type ProductSearch,
  type ProductSearchResult,
} from './product-search.port.js';
import { ShopClient } from './shop-client.js';

export type ShopConfig = Pick<ProductsConfig, 'timeoutMs' | 'cacheMs'>;

/** What every shop has in common: one call a keyword, no retries, results cached per keyword and ranked for the query. */
export abstract class ShopProductSearch implements ProductSearch {
  readonly name: string;
  protected readonly client: ShopClient;
  private readonly cache: ProductCache;

  constructor(
    private readonly call: UpstreamCall,
    { timeoutMs, cacheMs }: ShopConfig,
    callsPerSecond: number,
    protected readonly clock: Clock,
  ) {
    this.name = call.provider;
    this.cache = new ProductCache(cacheMs, clock);
    this.client = new ShopClient({ call, timeoutMs, callsPerSecond });
  }

  async search(query: ProductQuery, signal: AbortSignal): Promise<ProductSearchResult> {
    const { provider, operation } = this.call;
    const candidates = await this.cache.get(query.keyword, () =>
      providerCalls.run({ provider, operation, model: null }, () =>
        this.ask(query.keyword, signal),
      ),
    );
    return { products: rankProducts(candidates, query), source: this.name };
  }

  /** Asks the shop; what it sells under this keyword, each product once. @throws ProviderError */
  protected abstract ask(
    keyword: string,
    signal: AbortSignal,
  ): Promise<readonly ProductCandidate[]>;
}
