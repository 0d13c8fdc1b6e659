import {
  type LocalServer,
  type ReceivedRequest,
  type Respond,
  sendJson,
  startLocalServer,
} from './local-server.js';

export const NAVER_ID = 'naver-id';
export const NAVER_SECRET = 'LEAK-KEY-naver';
export const ELEVENST_KEY = 'LEAK-KEY-elevenst';

export interface ShopUpstream extends LocalServer {
  answer(respond: Respond): void;
}

const findQueryFaults = (
  { method, url }: ReceivedRequest,
  path: string,
  expected: Readonly<Record<string, RegExp>>,
): string[] => {
  const faults = Object.entries(expected)
    .filter(([name, pattern]) => !pattern.test(url.searchParams.get(name) ?? ''))
    .map(([name]) => `query ${name}`);
  const unknown = [...url.searchParams.keys()].filter((name) => !(name in expected));
  if (method !== 'GET' || url.pathname !== path) faults.push(`no such route: ${url.pathname}`);
  return [...faults, ...unknown.map((name) => `unknown query ${name}`)];
};

const NAVER_QUERY = {
  query: /\p{Script=Hangul}/u,
  display: /^(?:[1-9]\d?|100)$/,
  start: /^[1-9]\d{0,3}$/,
  sort: /^(?:sim|date|asc|dsc)$/,
  exclude: /^used:rental:cbshop$/,
};

/** The protocol as naver-openapi-guide describes it, with its own error codes. */
export const startNaverUpstream = async (): Promise<ShopUpstream> => {
  let respond: Respond = (_, response) => sendJson(response, 200, { items: [] });
  const server = await startLocalServer(async (request, response, violations) => {
    const isKnown =
      request.headers['x-naver-client-id'] === NAVER_ID &&
      request.headers['x-naver-client-secret'] === NAVER_SECRET;
    if (!isKnown) {
      violations.push('credentials');
      sendJson(response, 401, { errorMessage: 'Authentication failed', errorCode: '024' });
      return;
    }
    const faults = findQueryFaults(request, '/v1/search/shop.json', NAVER_QUERY);
    violations.push(...faults);
    if (faults.length > 0)
      sendJson(response, 400, { errorMessage: faults.join(), errorCode: 'SE01' });
    else await respond(request, response);
  });
  return { ...server, answer: (next) => void (respond = next) };
};

export const naverItem = (changes: Readonly<Record<string, unknown>> = {}): object => ({
  title: '앱코 <b>무선</b> <b>마우스</b>',
  link: 'https://search.shopping.naver.com/catalog/1',
  image: 'https://shopping-phinf.pstatic.net/1.jpg',
  lprice: '21990',
  hprice: '',
  mallName: '앱코몰',
  productId: '1',
  productType: '1',
  brand: '앱코',
  maker: '앱코',
  category1: '디지털/가전',
  category2: '주변기기',
  category3: '마우스',
  category4: '무선마우스',
  ...changes,
});

export const naverAnswer =
  (...items: readonly object[]): Respond =>
  (_, response) =>
    sendJson(response, 200, {
      lastBuildDate: 'Mon, 01 Jun 2026 00:00:00 +0900',
      total: items.length,
      start: 1,
      display: items.length,
      items,
    });

const ELEVENST_QUERY = {
  key: new RegExp(`^${ELEVENST_KEY}$`),
  apiCode: /^ProductSearch$/,
  keyword: /\p{Script=Hangul}/u,
  pageNum: /^[1-9]\d*$/,
  pageSize: /^(?:[1-9]\d?|1\d\d|200)$/,
  sortCd: /^(?:CP|A|G|I|L|R)$/,
};

/**
 * EUC-KR, which Node can read and not write: two bytes a syllable, looked up by decoding all of them once.
 */
const EUC_KR = new Map<string, Buffer>();
for (let high = 0xb0; high <= 0xc8; high += 1) {
  for (let low = 0xa1; low <= 0xfe; low += 1) {
    const bytes = Buffer.of(high, low);
    EUC_KR.set(new TextDecoder('euc-kr').decode(bytes), bytes);
  }
}
export const toEucKr = (text: string): Buffer =>
  Buffer.concat([...text].map((letter) => EUC_KR.get(letter) ?? Buffer.from(letter, 'latin1')));

export const startElevenstUpstream = async (): Promise<ShopUpstream> => {
  let respond: Respond = (_, response) => void response.end();
  const server = await startLocalServer(async (request, response, violations) => {
    const faults = findQueryFaults(request, '/openapi/OpenApiService.tmall', ELEVENST_QUERY);
    violations.push(...faults);
    if (faults.length > 0) response.writeHead(400).end();
    else await respond(request, response);
  });
  return { ...server, answer: (next) => void (respond = next) };
};

export const elevenstXml =
  (xml: string): Respond =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': 'text/xml;charset=EUC-KR' }).end(toEucKr(xml));

export const elevenstProduct = (changes: Readonly<Record<string, string>> = {}): string => {
  const fields = {
    ProductCode: '900',
    ProductName: '<![CDATA[로지텍 <b>무선</b> 마우스 & 패드]]>',
    ProductPrice: '30000',
    SalePrice: '24900',
    ProductImage300: 'http://i.011st.com/900.jpg',
    DetailPageUrl: 'http://www.11st.co.kr/products/900?a=1&amp;b=2',
    SellerNick: '책상나라',
    ...changes,
  };
  const inner = Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<Product>${inner.join('')}</Product>`;
};

export const elevenstAnswer = (...products: readonly string[]): Respond =>
  elevenstXml(
    `<?xml version="1.0" encoding="EUC-KR"?><ProductSearchResponse><Request/><Products><TotalCount>${products.length}</TotalCount>${products.join('')}</Products></ProductSearchResponse>`,
  );
