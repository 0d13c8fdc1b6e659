import { systemClock } from '../../src/common/clock.js';
import { ElevenstProductSearch } from '../../src/providers/product-search/elevenst-product-search.js';
import { NaverProductSearch } from '../../src/providers/product-search/naver-product-search.js';
import { type ProductSearch } from '../../src/providers/product-search/product-search.port.js';
import { describeFaults } from '../support/upstreams/describe-faults.js';
import { sendJson } from '../support/upstreams/local-server.js';
import { aProductsConfig } from '../support/upstreams/provider-configs.js';

const SECRETS = ['LEAK-KEY', 'naver-id', 'shop.json', 'OpenApiService'];

const search = (adapter: ProductSearch): Promise<unknown> =>
  adapter.search(
    { keyword: '무선 마우스', label: 'mouse', limit: 3 },
    new AbortController().signal,
  );

const refused = (status: number, errorCode: string, code: string, isRetryable: boolean) => ({
  name: `${status} ${errorCode}`,
  respond: (response: Parameters<typeof sendJson>[0]) =>
    sendJson(response, status, { errorMessage: 'LEAK-BODY', errorCode }),
  code,
  isRetryable,
});

describeFaults({
  name: 'naver',
  secrets: SECRETS,
  call: (base, timeoutMs) =>
    search(new NaverProductSearch(aProductsConfig(base, { timeoutMs }), systemClock)),
  more: [
    refused(401, '024', 'provider_failed', false),
    refused(400, 'SE01', 'provider_failed', false),
    refused(429, '012', 'provider_unavailable', true),
    refused(500, 'SE99', 'provider_unavailable', true),
  ],
});

describeFaults({
  name: 'elevenst',
  secrets: SECRETS,
  call: (base, timeoutMs) =>
    search(new ElevenstProductSearch(aProductsConfig(base, { timeoutMs }), systemClock)),
});
