import { describe, expect, it } from '@jest/globals';

import { CatalogueProductSearch } from './catalogue-product-search.js';
import { type Product } from './product-search.port.js';

const BASE_URL = 'https://desk.example.com';

const search = async (
  keyword: string,
  { label = '', limit = 10 } = {},
): Promise<readonly Product[]> => {
  const catalogue = new CatalogueProductSearch(BASE_URL);
  const { products } = await catalogue.search(
    { keyword, label, limit },
    new AbortController().signal,
  );
  return products;
};

describe(CatalogueProductSearch.name, () => {
  it.each<[name: string, keyword: string, mainCategory: string]>([
    ['the exact keyword', '무선 마우스', '마우스'],
    ['a synonym', '페그보드', '인테리어소품'],
    ['other spaces', '모니터받침대', '모니터주변기기'],
    ['another case', 'led 책상 스탠드', '스탠드'],
    ['letters taken apart (NFD)', '모니터암'.normalize('NFD'), '모니터주변기기'],
    ['English', 'desk lamp', '스탠드'],
    ['a describing word in front', '화이트 무선 마우스', '마우스'],
    ['a part of the keyword', '화분', '원예식물'],
    ['a near miss', '키보드 손목받침', '키보드/마우스용품'],
  ])('finds products by %s', async (_name, keyword, mainCategory) => {
    const products = await search(keyword);
    expect(products.length).toBeGreaterThanOrEqual(3);
    expect(products.map((product) => product.mainCategory)).toEqual(
      products.map(() => mainCategory),
    );
  });

  it.each([
    '강아지 사료',
    '자동차 타이어',
    '냉장고',
    '등산화',
    '차량용 거치대',
    '책',
    'ㅁ',
    '🙂',
    '',
    '   ',
  ])('finds nothing for the unrelated keyword %j', async (keyword) => {
    expect(await search(keyword)).toEqual([]);
  });

  it.each<[keyword: string, first: string]>([
    ['유선 마우스', '기본형 광 유선 마우스'],
    ['가죽 데스크 매트', '양면 가죽 데스크 매트'],
    ['27인치 모니터', '27인치 QHD 사무용 모니터'],
    ['기계식 키보드', '저소음축 무선 기계식 키보드'],
    ['듀얼 모니터암', '듀얼 클램프 모니터암'],
  ])('puts the best title for %s first', async (keyword, first) => {
    expect((await search(keyword))[0]?.title).toBe(first);
  });

  it('goes by the English label when the keyword is unknown', async () => {
    const products = await search('화면 올림이', { label: 'monitor stand' });
    expect(products.map(({ subCategory }) => subCategory)).toContain('모니터받침대');
  });

  it.each([0, 1, 2])('returns at most %d products', async (limit) => {
    expect(await search('마우스', { limit })).toHaveLength(limit);
  });

  it('returns the same products in the same order every time', async () => {
    expect(await search('조명')).toEqual(await search('조명'));
  });

  it('describes a product as a search with a usual price, and says who answered', async () => {
    const result = await new CatalogueProductSearch(`${BASE_URL}/`).search(
      { keyword: '무선 마우스', label: 'wireless mouse', limit: 1 },
      new AbortController().signal,
    );
    expect(result).toEqual({
      source: 'catalogue',
      products: [
        {
          title: '무소음 무선 마우스',
          priceKrw: 12_900,
          mall: '네이버쇼핑 검색',
          link: `https://search.shopping.naver.com/search/all?query=${encodeURIComponent('무소음 무선 마우스')}`,
          imageUrl: `${BASE_URL}/images/catalogue-mouse.svg`,
          mainCategory: '마우스',
          subCategory: '무선마우스',
        },
      ],
    });
  });

  it('links each product to a search for its own title', async () => {
    for (const { link, title } of await search('모니터')) {
      expect(link).toMatch(/^[\x21-\x7e]+$/);
      expect(new URL(link).searchParams.get('query')).toBe(title);
    }
  });

  it('stops when the task was canceled', async () => {
    const query = { keyword: '마우스', label: '', limit: 3 };
    await expect(
      new CatalogueProductSearch(BASE_URL).search(query, AbortSignal.abort()),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});
