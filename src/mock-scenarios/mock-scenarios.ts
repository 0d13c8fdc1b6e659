import { type DeskClassifier } from '../providers/desk-classifier/desk-classifier.port.js';
import { type ImageGenerator } from '../providers/image-generator/image-generator.port.js';
import { type ProductSearch } from '../providers/product-search/product-search.port.js';
import { type PromptWriter } from '../providers/prompt-writer/prompt-writer.port.js';
import { type TaskHandler } from '../tasks/task-handler.js';
import { MOCK_SCENARIOS, type MockScenario } from './mock-scenario.js';
import { MockScenarioHandler } from './mock-scenario.handler.js';
import { type MockScript } from './mock-script.js';
import {
  EmptyProductSearch,
  ScriptedDeskClassifier,
  ScriptedImageGenerator,
  ScriptedPromptWriter,
} from './scripted-providers.js';

/** The providers of one scenario, for the steps of a pipeline. */
export interface ScenarioProviders {
  readonly classifier: DeskClassifier;
  readonly writer: PromptWriter;
  /** For tasks whose last provider is the writer: what goes wrong later elsewhere goes wrong here. */
  readonly lastWriter: PromptWriter;
  readonly search: ProductSearch;
  readonly generator: ImageGenerator;
}

export interface MockScenariosParts {
  /** What the scripts are put around: free ones, whoever is bound for real tasks. */
  readonly classifier: DeskClassifier;
  readonly writer: PromptWriter;
  readonly search: ProductSearch;
  readonly generator: ImageGenerator;
  /** Null while `MOCK_SCENARIOS` is off. */
  readonly scripts: Readonly<Record<MockScenario, MockScript>> | null;
}

/** Where real work is swapped for a scenario: handlers of tasks, and the classifier of its route. */
export class MockScenarios {
  constructor(private readonly parts: MockScenariosParts) {}

  get isOn(): boolean {
    return this.parts.scripts !== null;
  }

  /** @param stage makes the handler whose steps ask these providers */
  around(real: TaskHandler, stage: (providers: ScenarioProviders) => TaskHandler): TaskHandler {
    const { scripts } = this.parts;
    const names = scripts ? MOCK_SCENARIOS : [];
    return new MockScenarioHandler(
      real,
      new Map(names.map((name) => [name, stage(this.providersOf(name))])),
    );
  }

  /** Who answers `POST /classify` in this scenario. */
  classifierOf(scenario: MockScenario): DeskClassifier {
    const { isDesk, classifyRoute } = this.scriptOf(scenario);
    return new ScriptedDeskClassifier(this.parts.classifier, isDesk, classifyRoute);
  }

  private providersOf(scenario: MockScenario): ScenarioProviders {
    const { classifier, writer, search, generator } = this.parts;
    const script = this.scriptOf(scenario);
    return {
      classifier: new ScriptedDeskClassifier(classifier, script.isDesk, script.classify),
      writer: new ScriptedPromptWriter(writer, script.write),
      lastWriter: new ScriptedPromptWriter(writer, script.writeOnly),
      search: script.findsProducts ? search : new EmptyProductSearch(search.name),
      generator: new ScriptedImageGenerator(generator, script.draw),
    };
  }

  private scriptOf(scenario: MockScenario): MockScript {
    const { scripts } = this.parts;
    if (!scripts)
      throw new Error(`The mock scenario ${scenario} was let in while MOCK_SCENARIOS is off`);
    return scripts[scenario];
  }
}
