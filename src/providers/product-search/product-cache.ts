import { LRUCache } from 'lru-cache';

import { type Clock } from '../../common/clock.js';
import { cacheLookups } from '../../common/telemetry/cache-lookups.js';
import { type ProductCandidate } from './product-candidate.js';

const MAX_KEYWORDS = 500;
/** "Nothing found" is believed for a tenth of the time. */
const NEGATIVE_SHARE = 0.1;

type Candidates = readonly ProductCandidate[];

/** What was found for a keyword, bounded and for a while; failures are never kept. */
export class ProductCache {
  private readonly found: LRUCache<string, Candidates>;

  constructor(
    private readonly ttlMs: number,
    clock: Clock,
  ) {
    this.found = new LRUCache({ max: MAX_KEYWORDS, perf: clock, ttlResolution: 0 });
  }

  async get(keyword: string, search: () => Promise<Candidates>): Promise<Candidates> {
    const known = this.found.get(keyword);
    cacheLookups.tell({ cache: 'products', isHit: known !== undefined });
    if (known) return known;
    const candidates = await search();
    const ttl = Math.floor(candidates.length === 0 ? this.ttlMs * NEGATIVE_SHARE : this.ttlMs);
    // A ttl of 0 means "for ever" to the cache and "not at all" to the setting.
    if (ttl > 0) this.found.set(keyword, candidates, { ttl });
    return candidates;
  }
}
