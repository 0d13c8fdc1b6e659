import { Global, Module } from '@nestjs/common';

import { ProviderBreakers } from './provider-breakers.js';

@Global()
@Module({ providers: [ProviderBreakers], exports: [ProviderBreakers] })
export class ResilienceModule {}
