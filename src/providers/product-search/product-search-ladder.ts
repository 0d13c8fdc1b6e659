import { type AppError } from '../../common/errors/app-error.js';
import {
  describeMisses,
  mayFallThrough,
  type Miss,
  pickError,
  type Rung,
  whyOf,
} from '../resilience/ladder.js';
import {
  type ProductQuery,
  type ProductSearch,
  type ProductSearchResult,
} from './product-search.port.js';

/**
 * Shops in the order of `PRODUCT_SEARCH`: the first that finds something answers. One that fails or finds
 * nothing hands the keyword on; only a failure is worth a warning.
 */
export class ProductSearchLadder implements ProductSearch {
  readonly name: string;

  constructor(private readonly rungs: readonly Rung<ProductSearch>[]) {
    this.name = rungs.map(({ adapter }) => adapter.name).join(',');
  }

  async search(query: ProductQuery, signal: AbortSignal): Promise<ProductSearchResult> {
    const misses: Miss[] = [];
    const errors: AppError[] = [];
    let empty: ProductSearchResult | undefined;
    for (const { adapter, breaker } of this.rungs) {
      signal.throwIfAborted();
      try {
        const result = await breaker.run('search', () => adapter.search(query, signal));
        if (result.products.length > 0) return withMisses(result, misses);
        empty ??= result;
      } catch (error) {
        if (signal.aborted || !mayFallThrough(error)) throw error;
        misses.push({ name: adapter.name, why: whyOf(error) });
        errors.push(error);
      }
    }
    if (empty) return withMisses(empty, misses);
    throw pickError(errors) ?? new RangeError('A ladder needs at least one rung');
  }
}

const withMisses = (result: ProductSearchResult, misses: readonly Miss[]): ProductSearchResult => {
  if (misses.length === 0) return result;
  const warning = `products_found_by_fallback:${result.source}:${describeMisses(misses)}`;
  return { ...result, warnings: [...(result.warnings ?? []), warning] };
};
