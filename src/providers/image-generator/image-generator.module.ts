import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

import { generationConfig, type GenerationConfig } from '../../config/generation.config.js';
import { CustomInferenceImageGenerator } from './custom-inference-image-generator.js';
import { EmbeddedImageGenerator } from './embedded-image-generator.js';
import { IMAGE_GENERATOR, type ImageGenerator } from './image-generator.port.js';

/** Which setting decides: `v1` reads IMAGE_GENERATOR, `v2` is always the team's own generator. */
export type GeneratorSlot = 'v1' | 'v2';

const CUSTOM_ADAPTERS: Record<GenerationConfig['customImageGenerator'], Type<ImageGenerator>> = {
  remote: CustomInferenceImageGenerator,
  embedded: EmbeddedImageGenerator,
};

const adapterFor = (slot: GeneratorSlot, config: GenerationConfig): Type<ImageGenerator> => {
  const kind = slot === 'v2' ? 'custom' : config.imageGenerator;
  switch (kind) {
    case 'embedded':
      return EmbeddedImageGenerator;
    case 'custom':
      return CUSTOM_ADAPTERS[config.customImageGenerator];
    default:
      return kind satisfies never;
  }
};

/** The only file that knows the adapters; one that is not chosen is never built and needs no key. */
@Module({})
export class ImageGeneratorModule {
  static bind(slot: GeneratorSlot): DynamicModule {
    return {
      module: ImageGeneratorModule,
      providers: [
        { provide: 'GENERATOR_SLOT', useValue: slot },
        {
          provide: IMAGE_GENERATOR,
          inject: [generationConfig.KEY, ModuleRef],
          useFactory: (config: GenerationConfig, moduleRef: ModuleRef) =>
            moduleRef.create(adapterFor(slot, config)),
        },
      ],
      exports: [IMAGE_GENERATOR],
    };
  }
}
