import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../common/clock.js';
import { generationConfig, type GenerationConfig } from '../../config/generation.config.js';
import { type BreakerState, ProviderBreaker } from './provider-breaker.js';

/** One breaker a provider, shared by everything that asks it: v1 and v2 see the same server fail. */
@Injectable()
export class ProviderBreakers {
  private readonly byProvider = new Map<string, ProviderBreaker>();

  constructor(
    @Inject(generationConfig.KEY)
    private readonly config: Pick<GenerationConfig, 'breakerFailures' | 'breakerOpenMs'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  for(provider: string): ProviderBreaker {
    const known = this.byProvider.get(provider);
    if (known) return known;
    const { breakerFailures: failures, breakerOpenMs: openMs } = this.config;
    const breaker = new ProviderBreaker(provider, { failures, openMs }, this.clock);
    this.byProvider.set(provider, breaker);
    return breaker;
  }

  states(): readonly BreakerState[] {
    return [...this.byProvider.values()].map((breaker) => breaker.state());
  }
}
