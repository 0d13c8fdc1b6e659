import { AppError } from '../../common/errors/app-error.js';
import {
  type Product,
  type ProductSearch,
} from '../../providers/product-search/product-search.port.js';
import { type RecommendedItem } from '../../providers/prompt-writer/prompt-writer.port.js';
import { type FoundProducts } from '../domain/generation.js';

/** Looks up all items side by side. A keyword that fails costs a warning, never the task. */
export class SearchProductsStep {
  constructor(
    private readonly search: ProductSearch,
    readonly perKeyword: number,
  ) {}

  async run(items: readonly RecommendedItem[], signal: AbortSignal): Promise<FoundProducts> {
    const searches = await Promise.allSettled(
      items.map(({ keyword, label }) =>
        this.search.search({ keyword, label, limit: this.perKeyword }, signal),
      ),
    );
    signal.throwIfAborted();
    const seen = new Set<string>();
    const sources = new Set<string>();
    const warnings: string[] = [];
    // Each keyword says so for itself, and once is enough.
    const fallbacks = new Set<string>();
    const groups = items.flatMap(({ keyword }, index) => {
      const found = searches[index];
      if (found?.status !== 'fulfilled') {
        warnings.push(`products_unavailable:${keyword}:${codeOf(found?.reason)}`);
        return [];
      }
      const details = withoutRepeats(found.value.products, seen);
      if (details.length === 0) {
        warnings.push(`no_products:${keyword}`);
        return [];
      }
      sources.add(found.value.source);
      for (const warning of found.value.warnings ?? []) fallbacks.add(warning);
      return [{ keyword, details }];
    });
    return { groups, sources: [...sources], warnings: [...warnings, ...fallbacks] };
  }
}

/** The backend's rows are unique by link: one product under two items would break its whole save. */
const withoutRepeats = (products: readonly Product[], seen: Set<string>): Product[] =>
  products.filter(({ link, title }) => {
    const key = `${link}\n${title}`;
    return seen.has(key) ? false : seen.add(key);
  });

const codeOf = (error: unknown): string =>
  error instanceof AppError ? error.code : 'internal_error';
