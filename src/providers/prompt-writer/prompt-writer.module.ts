import { Module, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

import {
  generationConfig,
  type GenerationConfig,
  type PromptWriterKind,
} from '../../config/generation.config.js';
import { OpenAiModule } from '../openai/openai.module.js';
import { ProviderBreakers } from '../resilience/provider-breakers.js';
import { ResilienceModule } from '../resilience/resilience.module.js';
import { SpendModule } from '../spend/spend.module.js';
import { GuardedPromptWriter } from './guarded-prompt-writer.js';
import { EmbeddedPromptWriter } from './embedded-prompt-writer.js';
import { PROMPT_WRITER, type PromptWriter } from './prompt-writer.port.js';

/** Loaded when chosen: OpenAI's SDK takes 30 MB. */
const ADAPTERS: Record<PromptWriterKind, () => Promise<Type<PromptWriter>>> = {
  openai: async () => (await import('./openai-prompt-writer.js')).OpenAiPromptWriter,
  embedded: async () => EmbeddedPromptWriter,
};

const createWriter = async (
  config: GenerationConfig,
  moduleRef: ModuleRef,
  breakers: ProviderBreakers,
): Promise<PromptWriter> => {
  const writer = await moduleRef.create(await ADAPTERS[config.promptWriter]());
  if (config.promptWriter === 'embedded') return writer;
  return new GuardedPromptWriter(writer, breakers.for(`${writer.name}.vision`));
};

/** The only file that knows the adapters; one that is not chosen is never built and needs no key. */
@Module({
  imports: [OpenAiModule, SpendModule, ResilienceModule],
  providers: [
    {
      provide: PROMPT_WRITER,
      inject: [generationConfig.KEY, ModuleRef, ProviderBreakers],
      useFactory: createWriter,
    },
  ],
  exports: [PROMPT_WRITER],
})
export class PromptWriterModule {}
