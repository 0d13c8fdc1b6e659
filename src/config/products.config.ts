import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings, toList } from './read-settings.js';
import { IntegerSetting, TextSetting } from './setting.js';

export const PRODUCT_SEARCH_KINDS = ['naver', 'elevenst', 'catalogue'] as const;
export type ProductSearchKind = (typeof PRODUCT_SEARCH_KINDS)[number];

const ADDRESS = /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i;

/** Who finds products. */
export class ProductsSettings {
  @TextSetting({
    kind: 'ordered list of `naver`, `elevenst`, `catalogue`',
    pattern: /^\s*(?:naver|elevenst|catalogue)(?:\s*,\s*(?:naver|elevenst|catalogue))*\s*$/,
    expected: 'a list of naver, elevenst, catalogue',
    defaultText: 'those of `naver`, `elevenst` whose keys are set, then `catalogue`',
    en: 'Who finds products, asked in turn until one finds some. `catalogue` is the small one that comes with the service.',
    ko: '상품을 찾는 주체. 찾을 때까지 순서대로 묻습니다. `catalogue`는 서비스에 포함된 작은 카탈로그입니다.',
  })
  readonly PRODUCT_SEARCH?: string;

  @IntegerSetting({
    default: 3,
    min: 1,
    max: 20,
    unit: 'products',
    en: 'Products per keyword.',
    ko: '키워드당 상품 수.',
  })
  readonly PRODUCTS_PER_KEYWORD!: number;

  @TextSetting({
    pattern: /^\S+$/,
    expected: 'one word without spaces',
    en: "Client id for Naver's shopping search protocol.",
    ko: '네이버 쇼핑 검색 프로토콜의 클라이언트 아이디.',
  })
  readonly NAVER_CLIENT_ID?: string;

  @TextSetting({
    secret: true,
    pattern: /^\S+$/,
    expected: 'one word without spaces',
    en: 'Client secret that belongs to it.',
    ko: '위 아이디의 클라이언트 시크릿.',
  })
  readonly NAVER_CLIENT_SECRET?: string;

  @TextSetting({
    default: 'https://openapi.naver.com',
    kind: 'address',
    pattern: ADDRESS,
    expected: 'an http(s) address without user name and query',
    en: 'Server that speaks it at `/v1/search/shop.json`. Naver itself switched its own off on 2026-07-31: name a gateway that still serves it.',
    ko: '`/v1/search/shop.json`을 제공하는 서버. 네이버는 2026-07-31에 종료했으므로 계속 제공하는 게이트웨이를 지정하세요.',
  })
  readonly NAVER_BASE_URL!: string;

  @IntegerSetting({
    default: 8,
    min: 1,
    max: 100,
    unit: 'calls a second',
    en: 'Most calls to it; the vendor allowed about 10.',
    ko: '초당 최대 호출 수. 공급자 한도는 약 10입니다.',
  })
  readonly NAVER_RATE_LIMIT!: number;

  @TextSetting({
    secret: true,
    pattern: /^\S+$/,
    expected: 'one word without spaces',
    en: 'Key of the 11st Open API (free, 5,000 calls a day).',
    ko: '11번가 오픈 API 키(무료, 하루 5,000회).',
  })
  readonly ELEVENST_API_KEY?: string;

  @TextSetting({
    default: 'https://openapi.11st.co.kr',
    kind: 'address',
    pattern: ADDRESS,
    expected: 'an http(s) address without user name and query',
    en: 'Server of the 11st Open API.',
    ko: '11번가 오픈 API 서버 주소.',
  })
  readonly ELEVENST_BASE_URL!: string;

  @IntegerSetting({
    default: 5_000,
    min: 50,
    max: 60_000,
    unit: 'ms',
    en: 'Time for one product search.',
    ko: '상품 검색 한 번의 제한 시간.',
  })
  readonly PRODUCT_SEARCH_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 3_600,
    min: 0,
    max: 86_400,
    unit: 's',
    en: 'How long what was found for a keyword is kept; "nothing found" a tenth of it. 0 keeps nothing.',
    ko: '키워드 검색 결과를 보관하는 시간. "결과 없음"은 그 10분의 1. 0이면 보관하지 않습니다.',
  })
  readonly PRODUCT_CACHE_SECONDS!: number;
}

const withKeys = (settings: ProductsSettings): readonly ProductSearchKind[] => [
  ...(settings.NAVER_CLIENT_ID && settings.NAVER_CLIENT_SECRET ? (['naver'] as const) : []),
  ...(settings.ELEVENST_API_KEY ? (['elevenst'] as const) : []),
  'catalogue',
];

export const productsConfig = registerAs('products', () => {
  const settings = readSettings(ProductsSettings);
  return {
    search: settings.PRODUCT_SEARCH
      ? (toList(settings.PRODUCT_SEARCH) as readonly ProductSearchKind[])
      : withKeys(settings),
    perKeyword: settings.PRODUCTS_PER_KEYWORD,
    timeoutMs: settings.PRODUCT_SEARCH_TIMEOUT_MS,
    cacheMs: settings.PRODUCT_CACHE_SECONDS * 1_000,
    naver: {
      baseUrl: settings.NAVER_BASE_URL.replace(/\/+$/, ''),
      clientId: settings.NAVER_CLIENT_ID ?? '',
      clientSecret: settings.NAVER_CLIENT_SECRET ?? '',
      callsPerSecond: settings.NAVER_RATE_LIMIT,
    },
    elevenst: {
      baseUrl: settings.ELEVENST_BASE_URL.replace(/\/+$/, ''),
      apiKey: settings.ELEVENST_API_KEY ?? '',
    },
  };
});

export type ProductsConfig = ConfigType<typeof productsConfig>;
