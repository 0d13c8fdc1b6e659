import { Global, Inject, Module } from '@nestjs/common';

import { MockScenarios, type ScenarioProviders } from '../mock-scenarios/mock-scenarios.js';
import { productsConfig, type ProductsConfig } from '../config/products.config.js';
import { ImageDecoder } from '../imaging/image-decoder.js';
import {
  DESK_CLASSIFIER,
  type DeskClassifier,
} from '../providers/desk-classifier/desk-classifier.port.js';
import { IMAGE_SOURCE, type ImageSource } from '../providers/image-source/image-source.port.js';
import { IMAGE_STORE, type ImageStore } from '../providers/image-store/image-store.port.js';
import { ProductSearchModule } from '../providers/product-search/product-search.module.js';
import {
  PRODUCT_SEARCH,
  type ProductSearch,
} from '../providers/product-search/product-search.port.js';
import { PromptWriterModule } from '../providers/prompt-writer/prompt-writer.module.js';
import { PROMPT_WRITER, type PromptWriter } from '../providers/prompt-writer/prompt-writer.port.js';
import { TaskEngine } from '../tasks/task-engine.js';
import { BoundProviders } from './bound-providers.js';
import { GenerateService } from './generate.service.js';
import { type GenerationSteps, PromptPipeline } from './generation.pipeline.js';
import { SpendSync } from './spend-sync.js';
import { CheckResultStep } from './steps/check-result.step.js';
import { ClassifyStep } from './steps/classify.step.js';
import { FetchImageStep } from './steps/fetch-image.step.js';
import { SearchProductsStep } from './steps/search-products.step.js';
import { StoreInputStep } from './steps/store-input.step.js';
import { StoreResultStep } from './steps/store-result.step.js';
import { WritePromptStep } from './steps/write-prompt.step.js';
import { WorkingImages } from './working-images.js';

export const GENERATION_STEPS = Symbol('GENERATION_STEPS');

const createSteps = (
  source: ImageSource,
  decoder: ImageDecoder,
  images: WorkingImages,
  classifier: DeskClassifier,
  writer: PromptWriter,
  search: ProductSearch,
  store: ImageStore,
  products: ProductsConfig,
): GenerationSteps => ({
  fetchImage: new FetchImageStep(source, decoder, images),
  classify: new ClassifyStep(classifier, images),
  storeInput: new StoreInputStep(images),
  writePrompt: new WritePromptStep(writer, images),
  searchProducts: new SearchProductsStep(search, products.perKeyword),
  checkResult: new CheckResultStep(classifier, images),
  storeResult: new StoreResultStep(images),
  images,
  store,
});

/** The same steps with the providers of a scenario. */
export const withScenario = (
  steps: GenerationSteps,
  { classifier, writer, search }: Pick<ScenarioProviders, 'classifier' | 'writer' | 'search'>,
): GenerationSteps => ({
  ...steps,
  classify: new ClassifyStep(classifier, steps.images),
  writePrompt: new WritePromptStep(writer, steps.images),
  searchProducts: new SearchProductsStep(search, steps.searchProducts.perKeyword),
  checkResult: new CheckResultStep(classifier, steps.images),
});

/** What v1 and v2 share: everything but the image generator. */
@Global()
@Module({
  imports: [PromptWriterModule, ProductSearchModule],
  providers: [
    {
      provide: WorkingImages,
      inject: [IMAGE_STORE],
      useFactory: (store: ImageStore) => new WorkingImages(store),
    },
    {
      provide: GENERATION_STEPS,
      inject: [
        IMAGE_SOURCE,
        ImageDecoder,
        WorkingImages,
        DESK_CLASSIFIER,
        PROMPT_WRITER,
        PRODUCT_SEARCH,
        IMAGE_STORE,
        productsConfig.KEY,
      ],
      useFactory: createSteps,
    },
    BoundProviders,
    GenerateService,
    SpendSync,
  ],
  exports: [GENERATION_STEPS, WorkingImages, BoundProviders, GenerateService],
})
export class GenerationCoreModule {
  constructor(
    engine: TaskEngine,
    @Inject(GENERATION_STEPS) steps: GenerationSteps,
    scenarios: MockScenarios,
  ) {
    engine.handlers.register(
      scenarios.around(
        new PromptPipeline(steps),
        (providers) =>
          new PromptPipeline(withScenario(steps, { ...providers, writer: providers.lastWriter })),
      ),
    );
  }
}
