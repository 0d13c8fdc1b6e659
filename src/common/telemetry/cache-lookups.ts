import { Occurrence } from './occurrence.js';

export interface CacheLookup {
  readonly cache: 'verdicts' | 'products' | 'pictures';
  readonly isHit: boolean;
}

export const cacheLookups = new Occurrence<CacheLookup>('desk-ai.cache.lookup');
