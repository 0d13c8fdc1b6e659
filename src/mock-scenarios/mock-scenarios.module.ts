import { Global, Module } from '@nestjs/common';

import { appConfig, type AppConfig } from '../config/app.config.js';
import { mockConfig, type MockConfig } from '../config/mock.config.js';
import {
  DESK_CLASSIFIER,
  type DeskClassifier,
} from '../providers/desk-classifier/desk-classifier.port.js';
import { EmbeddedImageGenerator } from '../providers/image-generator/embedded-image-generator.js';
import { CatalogueProductSearch } from '../providers/product-search/catalogue-product-search.js';
import { EmbeddedPromptWriter } from '../providers/prompt-writer/embedded-prompt-writer.js';
import { createMockScripts } from './mock-script.js';
import { MockScenarios } from './mock-scenarios.js';

/** Draws for scenarios only: what real tasks are drawn by is none of their business. */
const SCENARIO_GENERATOR = Symbol('SCENARIO_GENERATOR');

/** The adapters that need neither key nor network play the scenarios, whoever is bound for real tasks. */
@Global()
@Module({
  providers: [
    { provide: SCENARIO_GENERATOR, useClass: EmbeddedImageGenerator },
    {
      provide: MockScenarios,
      inject: [mockConfig.KEY, appConfig.KEY, DESK_CLASSIFIER, SCENARIO_GENERATOR],
      useFactory: (
        config: MockConfig,
        app: AppConfig,
        classifier: DeskClassifier,
        generator: EmbeddedImageGenerator,
      ) =>
        new MockScenarios({
          classifier,
          generator,
          writer: new EmbeddedPromptWriter(),
          search: new CatalogueProductSearch(app.publicBaseUrl),
          scripts: config.playsScenarios ? createMockScripts(config.slowMs) : null,
        }),
    },
  ],
  exports: [MockScenarios],
})
export class MockScenariosModule {}
