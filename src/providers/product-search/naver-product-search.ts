import { type Clock } from '../../common/clock.js';
import { type ProductsConfig } from '../../config/products.config.js';
import { ProviderGoneError } from '../resilience/provider-breaker.js';
import { type UpstreamAnswer } from '../upstream/upstream-client.js';
import {
  providerFailure,
  toStatusFailure,
  toUnusableAnswer,
  type UpstreamCall,
} from '../upstream/upstream-failure.js';
import { naverAnswer, naverError, toNaverCandidate } from './naver-answer.js';
import { type ProductCandidate } from './product-candidate.js';
import { withoutDuplicates } from './product-ranking.js';
import { type ShopConfig, ShopProductSearch } from './shop-product-search.js';

const CALL: UpstreamCall = {
  provider: 'naver',
  operation: 'shop.search',
  subject: 'Naver Shopping',
};
const DAY_MS = 86_400_000;
/** Enough to choose from after used and unpriced ones are dropped; the vendor allows 100. */
const DISPLAY = '40';
const SWITCHED_OFF = 'SE05';
const KEY_REFUSED = '024';

type NaverConfig = ShopConfig & Pick<ProductsConfig, 'naver'>;

/**
 * Naver's shopping search protocol, `GET /v1/search/shop.json`. One call a keyword, no retries; results
 * are cached per keyword. Naver itself answers 404 `SE05` since 2026-07-31: that leaves it alone for a day.
 * Protocol: github.com/naver/naver-openapi-guide ko/service-apis/search/shopping/shopping.md.
 */
export class NaverProductSearch extends ShopProductSearch {
  constructor(
    private readonly config: NaverConfig,
    clock: Clock,
  ) {
    super(CALL, config, config.naver.callsPerSecond, clock);
  }

  protected async ask(keyword: string, signal: AbortSignal): Promise<readonly ProductCandidate[]> {
    const { baseUrl, clientId, clientSecret } = this.config.naver;
    const url = new URL(`${baseUrl}/v1/search/shop.json`);
    url.search = new URLSearchParams({
      query: keyword,
      display: DISPLAY,
      start: '1',
      sort: 'sim',
      exclude: 'used:rental:cbshop',
    }).toString();
    const answer = await this.client.get(
      url,
      {
        'X-Naver-Client-Id': clientId,
        'X-Naver-Client-Secret': clientSecret,
        accept: 'application/json',
      },
      signal,
    );
    if (answer.status !== 200) throw this.toFailure(answer);
    const parsed = naverAnswer.safeParse(parseJson(answer));
    if (!parsed.success) throw toUnusableAnswer(CALL, 'invalid_answer', answer.status);
    return withoutDuplicates(parsed.data.items.flatMap((item) => toNaverCandidate(item) ?? []));
  }

  private toFailure(answer: UpstreamAnswer): Error {
    const code = naverError.safeParse(parseJson(answer)).data?.errorCode;
    if (answer.status === 404 && code === SWITCHED_OFF) {
      return new ProviderGoneError(
        'Naver Shopping search was switched off on 2026-07-31 (SE05): an operator has to set NAVER_BASE_URL to a gateway that still serves it, or take naver out of PRODUCT_SEARCH.',
        DAY_MS,
        {
          provider: this.name,
          operation: CALL.operation,
          upstreamStatus: answer.status,
          details: { provider: this.name, reason: SWITCHED_OFF },
        },
      );
    }
    if (code === KEY_REFUSED) {
      return providerFailure(
        'provider_failed',
        CALL,
        'refused NAVER_CLIENT_ID and NAVER_CLIENT_SECRET: an operator has to look at them.',
        { reason: KEY_REFUSED, upstreamStatus: answer.status },
      );
    }
    return toStatusFailure(answer.status, answer.headers, CALL, this.clock.now());
  }
}

const parseJson = ({ bytes }: UpstreamAnswer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
};
