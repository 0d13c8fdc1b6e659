import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

import {
  generationConfig,
  type GenerationConfig,
  type ImageGeneratorKind,
} from '../../config/generation.config.js';
import { OpenAiModule } from '../openai/openai.module.js';
import { ProviderBreakers } from '../resilience/provider-breakers.js';
import { ResilienceModule } from '../resilience/resilience.module.js';
import { SpendModule } from '../spend/spend.module.js';
import { CustomInferenceImageGenerator } from './custom-inference-image-generator.js';
import { CustomInferenceModule } from './custom-inference.module.js';
import { EmbeddedImageGenerator } from './embedded-image-generator.js';
import { ImageGeneratorLadder } from './image-generator-ladder.js';
import { IMAGE_GENERATOR, type ImageGenerator } from './image-generator.port.js';

/** Which setting decides: `v1` reads IMAGE_GENERATOR, `v2` is always the team's own generator. */
export type GeneratorSlot = 'v1' | 'v2';

const CUSTOM_ADAPTERS: Record<GenerationConfig['customImageGenerator'], Type<ImageGenerator>> = {
  remote: CustomInferenceImageGenerator,
  embedded: EmbeddedImageGenerator,
};

/** OpenAI's is loaded when chosen: its SDK takes 30 MB. */
const adapterFor = async (
  kind: ImageGeneratorKind,
  config: GenerationConfig,
): Promise<Type<ImageGenerator>> => {
  switch (kind) {
    case 'openai':
      return (await import('./openai-image-generator.js')).OpenAiImageGenerator;
    case 'custom':
      return CUSTOM_ADAPTERS[config.customImageGenerator];
    case 'embedded':
      return EmbeddedImageGenerator;
  }
};

/** A list that names the embedded generator twice (once as `custom`) has it once. */
const adaptersFor = async (
  slot: GeneratorSlot,
  config: GenerationConfig,
): Promise<Type<ImageGenerator>[]> => {
  const kinds: readonly ImageGeneratorKind[] = slot === 'v2' ? ['custom'] : config.imageGenerators;
  return [...new Set(await Promise.all(kinds.map((kind) => adapterFor(kind, config))))];
};

const createGenerator = async (
  slot: GeneratorSlot,
  config: GenerationConfig,
  moduleRef: ModuleRef,
  breakers: ProviderBreakers,
): Promise<ImageGenerator> => {
  const rungs = [];
  for (const type of await adaptersFor(slot, config)) {
    const adapter = await moduleRef.create(type);
    rungs.push({ adapter, breaker: breakers.for(adapter.name) });
  }
  const [only, ...others] = rungs;
  // What runs inside this process needs no breaker when there is nobody to take over.
  if (only?.adapter instanceof EmbeddedImageGenerator && others.length === 0) return only.adapter;
  return new ImageGeneratorLadder(rungs);
};

/** The only file that knows the adapters; one that is not chosen is never built and needs no key. */
@Module({})
export class ImageGeneratorModule {
  static bind(slot: GeneratorSlot): DynamicModule {
    return {
      module: ImageGeneratorModule,
      imports: [OpenAiModule, SpendModule, ResilienceModule, CustomInferenceModule],
      providers: [
        { provide: 'GENERATOR_SLOT', useValue: slot },
        {
          provide: IMAGE_GENERATOR,
          inject: [generationConfig.KEY, ModuleRef, ProviderBreakers],
          useFactory: (
            config: GenerationConfig,
            moduleRef: ModuleRef,
            breakers: ProviderBreakers,
          ) => createGenerator(slot, config, moduleRef, breakers),
        },
      ],
      exports: [IMAGE_GENERATOR],
    };
  }
}
