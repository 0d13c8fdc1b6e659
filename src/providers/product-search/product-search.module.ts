import { Module } from '@nestjs/common';

import { appConfig, type AppConfig } from '../../config/app.config.js';
import { CatalogueProductSearch } from './catalogue-product-search.js';
import { PRODUCT_SEARCH } from './product-search.port.js';

/** The only file that knows the adapters. */
@Module({
  providers: [
    {
      provide: PRODUCT_SEARCH,
      inject: [appConfig.KEY],
      useFactory: (app: AppConfig) => new CatalogueProductSearch(app.publicBaseUrl),
    },
  ],
  exports: [PRODUCT_SEARCH],
})
export class ProductSearchModule {}
