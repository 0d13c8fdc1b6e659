import { Module, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

import {
  generationConfig,
  type GenerationConfig,
  type PromptWriterKind,
} from '../../config/generation.config.js';
import { EmbeddedPromptWriter } from './embedded-prompt-writer.js';
import { PROMPT_WRITER, type PromptWriter } from './prompt-writer.port.js';

const ADAPTERS: Record<PromptWriterKind, Type<PromptWriter>> = { embedded: EmbeddedPromptWriter };

/** The only file that knows the adapters; one that is not chosen is never built and needs no key. */
@Module({
  providers: [
    {
      provide: PROMPT_WRITER,
      inject: [generationConfig.KEY, ModuleRef],
      useFactory: (config: GenerationConfig, moduleRef: ModuleRef) =>
        moduleRef.create(ADAPTERS[config.promptWriter]),
    },
  ],
  exports: [PROMPT_WRITER],
})
export class PromptWriterModule {}
