import { Global, Module } from '@nestjs/common';

import { generationConfig, type GenerationConfig } from '../../config/generation.config.js';
import { CustomInferenceModule } from '../image-generator/custom-inference.module.js';
import { InferenceServer } from '../image-generator/inference/inference-server.js';
import { ModelWatch } from '../openai/model-watch.js';
import { OpenAiModule } from '../openai/openai.module.js';
import { ProviderBreakers } from '../resilience/provider-breakers.js';
import { ResilienceModule } from '../resilience/resilience.module.js';
import { DailyBudget } from '../spend/daily-budget.js';
import { SpendModule } from '../spend/spend.module.js';
import { ProviderStatus } from './provider-status.js';

@Global()
@Module({
  imports: [OpenAiModule, CustomInferenceModule, ResilienceModule, SpendModule],
  providers: [
    {
      provide: ProviderStatus,
      inject: [generationConfig.KEY, ModelWatch, InferenceServer, ProviderBreakers, DailyBudget],
      useFactory: (
        config: GenerationConfig,
        watch: ModelWatch,
        server: InferenceServer,
        breakers: ProviderBreakers,
        budget: DailyBudget,
      ) =>
        new ProviderStatus(
          watch,
          config.customImageGenerator === 'remote' ? server : undefined,
          breakers,
          budget,
        ),
    },
  ],
  exports: [ProviderStatus],
})
export class ProviderStatusModule {}
