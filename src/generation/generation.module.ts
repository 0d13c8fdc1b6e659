import { type DynamicModule, Inject, Module } from '@nestjs/common';

import { ImageDecoder } from '../imaging/image-decoder.js';
import { MockScenarios } from '../mock-scenarios/mock-scenarios.js';
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
import { GENERATION_STEPS, withScenario } from './generation-core.module.js';
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
    scenarios: MockScenarios,
  ) {
    const drawWith = (drawer: ImageGenerator): GenerateImageStep =>
      new GenerateImageStep(drawer, decoder, images);
    engine.handlers.register(
      scenarios.around(
        new GenerationPipeline(kind, drawWith(generator), steps),
        (mock) => new GenerationPipeline(kind, drawWith(mock.generator), withScenario(steps, mock)),
      ),
    );
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
