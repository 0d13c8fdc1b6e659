import { Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../../common/clock.js';
import { appConfig, type AppConfig } from '../../config/app.config.js';
import {
  productsConfig,
  type ProductsConfig,
  type ProductSearchKind,
} from '../../config/products.config.js';
import { ProviderBreakers } from '../resilience/provider-breakers.js';
import { ResilienceModule } from '../resilience/resilience.module.js';
import { CatalogueProductSearch } from './catalogue-product-search.js';
import { ElevenstProductSearch } from './elevenst-product-search.js';
import { NaverProductSearch } from './naver-product-search.js';
import { ProductSearchLadder } from './product-search-ladder.js';
import { PRODUCT_SEARCH, type ProductSearch } from './product-search.port.js';

const createAdapter = (
  kind: ProductSearchKind,
  config: ProductsConfig,
  app: AppConfig,
  clock: Clock,
): ProductSearch => {
  switch (kind) {
    case 'naver':
      return new NaverProductSearch(config, clock);
    case 'elevenst':
      return new ElevenstProductSearch(config, clock);
    case 'catalogue':
      return new CatalogueProductSearch(app.publicBaseUrl);
  }
};

const createSearch = (
  config: ProductsConfig,
  app: AppConfig,
  breakers: ProviderBreakers,
  clock: Clock,
): ProductSearch => {
  const adapters = config.search.map((kind) => createAdapter(kind, config, app, clock));
  const [only, ...others] = adapters;
  // The catalogue runs inside this process: it needs no breaker when nobody could take over.
  if (only instanceof CatalogueProductSearch && others.length === 0) return only;
  return new ProductSearchLadder(
    adapters.map((adapter) => ({ adapter, breaker: breakers.for(adapter.name) })),
  );
};

/** The only file that knows the adapters. */
@Module({
  imports: [ResilienceModule],
  providers: [
    {
      provide: PRODUCT_SEARCH,
      inject: [productsConfig.KEY, appConfig.KEY, ProviderBreakers, CLOCK],
      useFactory: createSearch,
    },
  ],
  exports: [PRODUCT_SEARCH],
})
export class ProductSearchModule {}
