import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings } from './read-settings.js';
import { IntegerSetting, TextSetting } from './setting.js';

export const PRODUCT_SEARCH_KINDS = ['catalogue'] as const;

/** Who finds products. */
export class ProductsSettings {
  @TextSetting({
    default: 'catalogue',
    kind: 'ordered list of `catalogue`',
    pattern: /^catalogue$/,
    expected: 'a list of catalogue',
    en: 'Who finds products. `catalogue` is the small one that comes with the service.',
    ko: '상품을 찾는 주체. `catalogue`는 서비스에 포함된 작은 카탈로그입니다.',
  })
  readonly PRODUCT_SEARCH!: string;

  @IntegerSetting({
    default: 3,
    min: 1,
    max: 20,
    unit: 'products',
    en: 'Products per keyword.',
    ko: '키워드당 상품 수.',
  })
  readonly PRODUCTS_PER_KEYWORD!: number;
}

export const productsConfig = registerAs('products', () => {
  const settings = readSettings(ProductsSettings);
  return { perKeyword: settings.PRODUCTS_PER_KEYWORD };
});

export type ProductsConfig = ConfigType<typeof productsConfig>;
