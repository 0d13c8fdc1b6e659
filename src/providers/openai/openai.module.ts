import { Global, Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../../common/clock.js';
import { AppLogger } from '../../common/logging/app-logger.js';
import { generationConfig, type GenerationConfig } from '../../config/generation.config.js';
import { openAiConfig, type OpenAiConfig } from '../../config/openai.config.js';
import { PriceTable } from '../spend/price-table.js';
import { ModelWatch, type WatchedModel } from './model-watch.js';

const LIST_TIMEOUT_MS = 15_000;

const paysOpenAi = ({ promptWriter, imageGenerators }: GenerationConfig): boolean =>
  promptWriter === 'openai' || imageGenerators.includes('openai');

/** Only what is bound is watched: a model that nobody calls may retire in peace. */
const watchedModels = (generation: GenerationConfig, openAi: OpenAiConfig): WatchedModel[] => [
  ...(generation.promptWriter === 'openai'
    ? [{ model: openAi.visionModel, setting: 'OPENAI_VISION_MODEL' }]
    : []),
  ...(generation.imageGenerators.includes('openai')
    ? [{ model: openAi.imageModel, setting: 'OPENAI_IMAGE_MODEL' }]
    : []),
];

const createWatch = async (
  generation: GenerationConfig,
  openAi: OpenAiConfig,
  clock: Clock,
  logger: AppLogger,
): Promise<ModelWatch> => {
  const models = openAi.watchesModels ? watchedModels(generation, openAi) : [];
  if (models.length === 0) return new ModelWatch(undefined, models, clock, logger);
  const { createOpenAiClient } = await import('./openai-client.js');
  return new ModelWatch(createOpenAiClient(openAi, LIST_TIMEOUT_MS), models, clock, logger);
};

/** What the OpenAI adapters share. */
@Global()
@Module({
  providers: [
    {
      provide: ModelWatch,
      inject: [generationConfig.KEY, openAiConfig.KEY, CLOCK, AppLogger],
      useFactory: createWatch,
    },
    {
      provide: PriceTable,
      inject: [generationConfig.KEY, openAiConfig.KEY],
      useFactory: (generation: GenerationConfig, openAi: OpenAiConfig) =>
        paysOpenAi(generation) ? PriceTable.load(openAi.promptsDir) : PriceTable.empty(),
    },
  ],
  exports: [ModelWatch, PriceTable],
})
export class OpenAiModule {}
