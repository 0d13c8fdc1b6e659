import { type Clock } from '../../common/clock.js';
import { type ProductsConfig } from '../../config/products.config.js';
import {
  providerFailure,
  toStatusFailure,
  toUnusableAnswer,
  type UpstreamCall,
} from '../upstream/upstream-failure.js';
import { type ElevenstAnswer, type ElevenstProduct, parseElevenstXml } from './elevenst-xml.js';
import { type ProductCandidate } from './product-candidate.js';
import { withoutDuplicates } from './product-ranking.js';
import { type ShopConfig, ShopProductSearch } from './shop-product-search.js';
import { toPriceKrw, toShopLink, toShopText } from './shop-text.js';

const CALL: UpstreamCall = { provider: 'elevenst', operation: 'ProductSearch', subject: '11st' };
/** The vendor names a daily quota (5,000) and no speed; this keeps a burst of keywords polite. */
const CALLS_PER_SECOND = 5;
const PAGE_SIZE = '40';
const MALL = '11번가';

type ElevenstConfig = ShopConfig & Pick<ProductsConfig, 'elevenst'>;

/** Public client codes disagree about names, so the first that is filled counts. */
const firstOf = (product: ElevenstProduct, ...names: readonly string[]): string =>
  names.map((name) => product[name] ?? '').find((value) => value !== '') ?? '';

const toCandidate = (raw: ElevenstProduct): ProductCandidate | undefined => {
  const id = firstOf(raw, 'ProductCode');
  const title = toShopText(firstOf(raw, 'ProductName'));
  const priceKrw = toPriceKrw(firstOf(raw, 'SalePrice', 'ProductPrice'));
  const link = toShopLink(firstOf(raw, 'DetailPageUrl', 'ProductDetailUrl'));
  if (id === '' || title === '' || priceKrw === undefined || link === undefined) return undefined;
  const seller = toShopText(firstOf(raw, 'SellerNick', 'Seller'));
  return {
    id,
    product: {
      title,
      priceKrw,
      mall: seller === '' ? MALL : `${MALL} ${seller}`,
      link,
      imageUrl: toShopLink(firstOf(raw, 'ProductImage300', 'ProductImage')) ?? '',
      // The answer carries no categories.
      mainCategory: '',
      subCategory: '',
    },
    categories: [],
    brand: '',
    isMatched: false,
  };
};

/**
 * 11st Open API, `ProductSearch`: the shop search that works for anybody today (free key). One call a
 * keyword, no retries; results are cached per keyword. The protocol is known from public client code, as
 * the facts note; field names are read leniently for that reason.
 */
export class ElevenstProductSearch extends ShopProductSearch {
  constructor(
    private readonly config: ElevenstConfig,
    clock: Clock,
  ) {
    super(CALL, config, CALLS_PER_SECOND, clock);
  }

  protected async ask(keyword: string, signal: AbortSignal): Promise<readonly ProductCandidate[]> {
    const url = new URL(`${this.config.elevenst.baseUrl}/openapi/OpenApiService.tmall`);
    url.search = new URLSearchParams({
      key: this.config.elevenst.apiKey,
      apiCode: 'ProductSearch',
      keyword,
      pageNum: '1',
      pageSize: PAGE_SIZE,
      // By popularity: the only order that suits a recommendation.
      sortCd: 'CP',
    }).toString();
    const answer = await this.client.get(url, { accept: 'application/xml, text/xml' }, signal);
    if (answer.status !== 200) {
      throw toStatusFailure(answer.status, answer.headers, CALL, this.clock.now());
    }
    const { products, errorCode } = readAnswer(answer.bytes);
    if (errorCode !== undefined) {
      throw providerFailure(
        'provider_failed',
        CALL,
        'refused the search: an operator has to look at ELEVENST_API_KEY and its daily quota.',
        { reason: /^[\w-]{1,20}$/.test(errorCode) ? errorCode : 'error' },
      );
    }
    return withoutDuplicates(products.flatMap((product) => toCandidate(product) ?? []));
  }
}

const readAnswer = (bytes: Buffer): ElevenstAnswer => {
  try {
    const answer = parseElevenstXml(bytes);
    if (answer.isSearch || answer.errorCode !== undefined) return answer;
  } catch {
    // What the parser says may quote the answer: it is left out.
  }
  throw toUnusableAnswer(CALL, 'invalid_xml');
};
