import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { type Clock, systemClock } from '../../src/common/clock.js';
import { ProviderError } from '../../src/common/errors/errors.js';
import { CatalogueProductSearch } from '../../src/providers/product-search/catalogue-product-search.js';
import { ElevenstProductSearch } from '../../src/providers/product-search/elevenst-product-search.js';
import { NaverProductSearch } from '../../src/providers/product-search/naver-product-search.js';
import { ProductSearchLadder } from '../../src/providers/product-search/product-search-ladder.js';
import {
  type ProductQuery,
  type ProductSearch,
} from '../../src/providers/product-search/product-search.port.js';
import { ProviderBreaker } from '../../src/providers/resilience/provider-breaker.js';
import { aProduct, FakeProductSearch } from '../fakes/fake-product-search.js';
import { sendJson } from '../support/upstreams/local-server.js';
import { aProductsConfig } from '../support/upstreams/provider-configs.js';
import {
  elevenstAnswer,
  elevenstProduct,
  elevenstXml,
  naverAnswer,
  naverItem,
  type ShopUpstream,
  startElevenstUpstream,
  startNaverUpstream,
} from '../support/upstreams/shop-upstreams.js';

let naver: ShopUpstream;
let elevenst: ShopUpstream;

beforeAll(async () => {
  naver = await startNaverUpstream();
  elevenst = await startElevenstUpstream();
});

afterAll(async () => {
  await naver.close();
  await elevenst.close();
});

beforeEach(() => {
  naver.answer(
    naverAnswer(
      naverItem(),
      naverItem({ productId: '2', link: 'https://search.shopping.naver.com/catalog/2' }),
    ),
  );
  elevenst.answer(elevenstAnswer(elevenstProduct(), elevenstProduct({ ProductCode: '901' })));
  for (const server of [naver, elevenst]) {
    server.requests.length = 0;
    server.violations.length = 0;
  }
});

const aQuery = (changes: Partial<ProductQuery> = {}): ProductQuery => ({
  keyword: '무선 마우스',
  label: 'wireless mouse',
  limit: 3,
  ...changes,
});

const breaker = (name: string, clock: Clock = systemClock): ProviderBreaker =>
  new ProviderBreaker(name, { failures: 2, openMs: 30_000 }, clock);

const naverSearch = (clock: Clock = systemClock, cacheMs = 3_600_000): NaverProductSearch =>
  new NaverProductSearch(aProductsConfig(naver.url, { cacheMs }), clock);
const elevenstSearch = (): ElevenstProductSearch =>
  new ElevenstProductSearch(aProductsConfig(elevenst.url), systemClock);
const ladderOf = (...adapters: readonly ProductSearch[]): ProductSearchLadder =>
  new ProductSearchLadder(adapters.map((adapter) => ({ adapter, breaker: breaker(adapter.name) })));

const find = (search: ProductSearch, changes: Partial<ProductQuery> = {}) =>
  search.search(aQuery(changes), new AbortController().signal);

const ADAPTERS: readonly (readonly [string, () => ProductSearch])[] = [
  ['fake', () => new FakeProductSearch()],
  ['catalogue', () => new CatalogueProductSearch('http://localhost:8080')],
  ['naver', () => naverSearch()],
  ['elevenst', elevenstSearch],
  ['ladder', () => ladderOf(naverSearch(), new CatalogueProductSearch('http://localhost:8080'))],
];

describe.each(ADAPTERS)('ProductSearch: %s', (_, create) => {
  it('finds plain-text products with whole prices and http links', async () => {
    const { products, source } = await find(create());

    expect(products.length).toBeGreaterThan(0);
    for (const product of products) {
      expect(product.title).toMatch(/^[^<>]{2,200}$/);
      expect(Number.isInteger(product.priceKrw) && product.priceKrw > 0).toBe(true);
      expect(product.link).toMatch(/^https?:\/\//);
      expect(product.imageUrl).toMatch(/^(?:$|https?:\/\/)/);
      expect(product.mall).not.toBe('');
    }
    expect(create().name.split(',')).toContain(source);
    expect([...naver.violations, ...elevenst.violations]).toEqual([]);
  });

  it('finds the same in the same order again', async () => {
    expect(await find(create())).toEqual(await find(create()));
  });

  it('finds at most as many as asked for', async () => {
    expect((await find(create(), { limit: 1 })).products).toHaveLength(1);
  });

  it('asks nobody for a caller that has given up', async () => {
    const reason = new Error('canceled');

    await expect(create().search(aQuery(), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(naver.requests.length + elevenst.requests.length).toBe(0);
  });
});

describe(NaverProductSearch.name, () => {
  it('cleans titles and takes the narrowest categories', async () => {
    naver.answer(
      naverAnswer(
        naverItem({
          title:
            '<b>무선</b> 마우스 &amp; 패드 &quot;A&quot; &lt;script&gt;x&lt;/script&gt; 5 &lt; 6',
          mallName: '',
        }),
        naverItem({ productId: '2', category4: '', title: '무선 마우스 둘' }),
        naverItem({ productId: '3', category3: '', category4: '', title: '무선 마우스 셋' }),
      ),
    );

    const { products } = await find(naverSearch());

    expect(products[0]).toEqual({
      title: '무선 마우스 & 패드 "A" x 5 < 6',
      priceKrw: 21_990,
      mall: '네이버',
      link: 'https://search.shopping.naver.com/catalog/1',
      imageUrl: 'https://shopping-phinf.pstatic.net/1.jpg',
      mainCategory: '마우스',
      subCategory: '무선마우스',
    });
    expect(products[1]).toMatchObject({ mainCategory: '주변기기', subCategory: '마우스' });
    expect(products[2]).toMatchObject({ mainCategory: '디지털/가전', subCategory: '주변기기' });
  });

  it.each([
    ...[4, 5, 6].map(
      (type) => [`used goods (type ${type})`, { productType: String(type) }] as const,
    ),
    ...[7, 8, 9].map(
      (type) => [`discontinued goods (type ${type})`, { productType: String(type) }] as const,
    ),
    ...[10, 11, 12].map(
      (type) => [`goods not yet sold (type ${type})`, { productType: String(type) }] as const,
    ),
    ['goods without a price', { lprice: '0' }],
    ['goods with an empty price', { lprice: '' }],
    ['a link that is a script', { link: 'javascript:alert(1)' }],
    ['an item without a title', { title: '<b></b>' }],
    ['an item without an id', { productId: null }],
  ])('drops %s', async (_, changes) => {
    naver.answer(naverAnswer(naverItem(changes), naverItem({ productId: '9', title: '남는 것' })));

    const { products } = await find(naverSearch());

    expect(products.map(({ title }) => title)).toEqual(['남는 것']);
  });

  it('takes each product once and ranks by closeness to keyword and label, not by lot', async () => {
    naver.answer(
      naverAnswer(
        naverItem({ productId: '1', title: '마우스 패드', category3: '패드', category4: '' }),
        naverItem({ productId: '2', title: '무선 마우스' }),
        naverItem({ productId: '2', title: '무선 마우스 다시' }),
        naverItem({ productId: '3', title: '유선 키보드', category3: '키보드', category4: '' }),
        naverItem({ productId: '4', title: '무선 마우스 wireless mouse' }),
      ),
    );

    const { products } = await find(naverSearch(), { limit: 10 });

    expect(products.map(({ title }) => title)).toEqual([
      '무선 마우스 wireless mouse',
      '무선 마우스',
      '마우스 패드',
      '유선 키보드',
    ]);
  });

  it('asks once a keyword while the answer is fresh; "nothing" is believed for a shorter time', async () => {
    let now = Date.now();
    const search = naverSearch({ now: () => now }, 100_000);
    await find(search);
    await find(search, { label: 'other', limit: 1 });
    expect(naver.requests).toHaveLength(1);

    now += 100_001;
    naver.answer(naverAnswer());
    expect((await find(search)).products).toEqual([]);
    now += 9_999;
    await find(search);
    expect(naver.requests).toHaveLength(2);
    now += 2;
    await find(search);
    expect(naver.requests).toHaveLength(3);
  });

  it('keeps nothing when told so, and never a failure', async () => {
    const search = naverSearch(systemClock, 0);
    await find(search);
    naver.answer((_, response) => sendJson(response, 500, {}));
    await expect(find(search)).rejects.toBeInstanceOf(ProviderError);
    await expect(find(search)).rejects.toBeInstanceOf(ProviderError);
    expect(naver.requests).toHaveLength(3);
  });

  it('leaves a shop alone for a day that says SE05: it was switched off', async () => {
    let now = Date.now();
    const clock: Clock = { now: () => now };
    naver.answer((_, response) =>
      sendJson(response, 404, { errorMessage: 'Invalid search api LEAK-BODY', errorCode: 'SE05' }),
    );
    const guard = breaker('naver', clock);
    const search = new ProductSearchLadder([
      { adapter: naverSearch(clock), breaker: guard },
      { adapter: new FakeProductSearch(), breaker: breaker('fake') },
    ]);

    const first = await find(search);
    expect(first).toMatchObject({
      source: 'fake',
      warnings: ['products_found_by_fallback:fake:naver=provider_failed'],
    });
    now += 23 * 3_600_000;
    const second = await find(search, { keyword: '키보드' });
    expect(second.warnings).toEqual(['products_found_by_fallback:fake:naver=breaker_open']);
    expect(naver.requests).toHaveLength(1);
    expect(guard.state()).toMatchObject({
      state: 'open',
      reason: expect.stringContaining('NAVER_BASE_URL'),
    });

    now += 2 * 3_600_000;
    naver.answer(naverAnswer(naverItem()));
    expect(await find(search, { keyword: '책상' })).toMatchObject({ source: 'naver' });
  });

  it('searches keywords side by side and within the limit of the vendor', async () => {
    const config = aProductsConfig(naver.url);
    const search = new NaverProductSearch(
      { ...config, naver: { ...config.naver, callsPerSecond: 2 } },
      systemClock,
    );
    const searches = ['가', '나', '다', '라'].map((keyword) => find(search, { keyword }));
    await Promise.race(searches);
    // The other two wait for the next second.
    expect(naver.requests.length).toBeLessThanOrEqual(2);
    await Promise.all(searches);
    expect(naver.requests).toHaveLength(4);
  });
});

describe(ElevenstProductSearch.name, () => {
  it('reads EUC-KR XML', async () => {
    const { products } = await find(elevenstSearch());

    expect(products[0]).toEqual({
      title: '로지텍 무선 마우스 & 패드',
      priceKrw: 24_900,
      mall: '11번가 책상나라',
      link: 'http://www.11st.co.kr/products/900?a=1&b=2',
      imageUrl: 'http://i.011st.com/900.jpg',
      mainCategory: '',
      subCategory: '',
    });
  });

  it('says what to do when the key is refused', async () => {
    elevenst.answer(
      elevenstXml(
        '<?xml version="1.0" encoding="EUC-KR"?><ErrorMessage><ErrorCode>001</ErrorCode><Message>LEAK-BODY</Message></ErrorMessage>',
      ),
    );

    await expect(find(elevenstSearch())).rejects.toMatchObject({
      code: 'provider_failed',
      message: expect.stringContaining('ELEVENST_API_KEY'),
    });
  });

  it.each([
    [
      'entities that grow',
      '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><ProductSearchResponse>&c;</ProductSearchResponse>',
    ],
    [
      'an entity that reads a file',
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><ProductSearchResponse>&x;</ProductSearchResponse>',
    ],
    ['an unknown entity', '<ProductSearchResponse>&x;</ProductSearchResponse>'],
    ['an open element', '<ProductSearchResponse><Products>'],
    ['another document', '<html><body>LEAK-BODY</body></html>'],
    ['endless nesting', `<ProductSearchResponse>${'<a>'.repeat(5_000)}`],
  ])('refuses %s', async (_, xml) => {
    elevenst.answer(elevenstXml(xml));

    await expect(find(elevenstSearch())).rejects.toMatchObject({ code: 'provider_failed' });
  });
});

describe(ProductSearchLadder.name, () => {
  it('asks the next when one finds nothing, without a warning', async () => {
    const result = await find(
      ladderOf(new FakeProductSearch('first', []), new FakeProductSearch('second')),
    );

    expect(result).toEqual({ products: [aProduct()], source: 'second' });
  });

  it('finds nothing when nobody does, and says whom it could not ask', async () => {
    const failing = new FakeProductSearch('first').failWith(
      new ProviderError('provider_timeout', 'slow', { provider: 'first', operation: 'search' }),
    );

    expect(await find(ladderOf(failing, new FakeProductSearch('second', [])))).toEqual({
      products: [],
      source: 'second',
      warnings: ['products_found_by_fallback:second:first=provider_timeout'],
    });
  });

  it('fails with an error that may pass when all fail', async () => {
    const gone = new ProviderError('provider_failed', 'gone', {
      provider: 'a',
      operation: 'search',
    });
    const slow = new ProviderError('provider_timeout', 'slow', {
      provider: 'b',
      operation: 'search',
    });
    const all = ladderOf(
      new FakeProductSearch('a').failWith(gone),
      new FakeProductSearch('b').failWith(slow),
    );

    await expect(find(all)).rejects.toBe(slow);
  });
});
