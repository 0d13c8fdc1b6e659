import { type DynamicModule, Inject, Module } from '@nestjs/common';

import { ImageDecoder } from '../imaging/image-decoder.js';
import {
  type GeneratorSlot,
  ImageGeneratorModule,
} from '../providers/image-generator/image-generator.module.js';
import {
  IMAGE_GENERATOR,
  type ImageGenerator,
} from '../providers/image-generator/image-generator.port.js';
import { TaskEngine } from '../tasks/task-engine.js';
import { BoundProviders } from './bound-providers.js';
import { GENERATION_STEPS } from './generation-core.module.js';
import { GenerationPipeline, type GenerationSteps } from './generation.pipeline.js';
import { GenerateImageStep } from './steps/generate-image.step.js';
import { WorkingImages } from './working-images.js';

export const GENERATION_KIND = Symbol('GENERATION_KIND');

/** The pipeline with one image generator bound: that binding is all that v1 and v2 differ by. */
@Module({})
export class GenerationModule {
  constructor(
    @Inject(GENERATION_KIND) kind: string,
    @Inject(IMAGE_GENERATOR) generator: ImageGenerator,
    @Inject(GENERATION_STEPS) steps: GenerationSteps,
    decoder: ImageDecoder,
    images: WorkingImages,
    engine: TaskEngine,
    providers: BoundProviders,
  ) {
    const generateImage = new GenerateImageStep(generator, decoder, images);
    engine.handlers.register(new GenerationPipeline(kind, generateImage, steps));
    providers.addGenerator(kind, generator);
  }

  static forKind(kind: string, slot: GeneratorSlot): DynamicModule {
    return {
      module: GenerationModule,
      imports: [ImageGeneratorModule.bind(slot)],
      providers: [{ provide: GENERATION_KIND, useValue: kind }],
    };
  }
}
