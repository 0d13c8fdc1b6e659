import { RefusedError } from '../common/errors/errors.js';
import { type ImageStore } from '../providers/image-store/image-store.port.js';
import { type TaskContext } from '../tasks/task-context.js';
import { type StepPlan, type TaskHandler } from '../tasks/task-handler.js';
import { type JsonObject, type Task } from '../tasks/task.js';
import {
  checkedResult,
  type Classification,
  classification,
  drawnImage,
  fetchedImage,
  foundProducts,
  generationInput,
  type GenerationInput,
  storedInput,
  type StoredInput,
  storedResult,
  type StoredPrompt,
  writtenPrompt,
} from './domain/generation.js';
import { toPaidCall } from './domain/paid-call.js';
import { keptNames, workingNames } from './domain/result-names.js';
import { toVerdictMessage } from './domain/verdict-message.js';
import { toGenerationResource } from './generation.mapper.js';
import { type CheckResultStep } from './steps/check-result.step.js';
import { type ClassifyStep } from './steps/classify.step.js';
import { type FetchImageStep } from './steps/fetch-image.step.js';
import { type GenerateImageStep } from './steps/generate-image.step.js';
import { type SearchProductsStep } from './steps/search-products.step.js';
import { type StoreInputStep } from './steps/store-input.step.js';
import { type StoreResultStep } from './steps/store-result.step.js';
import { type WritePromptStep } from './steps/write-prompt.step.js';
import { type WorkingImages } from './working-images.js';

/** The steps that every kind shares. */
export interface GenerationSteps {
  readonly fetchImage: FetchImageStep;
  readonly classify: ClassifyStep;
  readonly storeInput: StoreInputStep;
  readonly writePrompt: WritePromptStep;
  readonly searchProducts: SearchProductsStep;
  readonly checkResult: CheckResultStep;
  readonly storeResult: StoreResultStep;
  readonly images: WorkingImages;
  readonly store: ImageStore;
}

interface Understood {
  readonly request: GenerationInput;
  readonly input: StoredInput;
  readonly written: StoredPrompt;
}

/** From the photo to the prompt; what both kinds of task begin with. */
abstract class DeskPipeline implements TaskHandler {
  abstract readonly kind: string;
  readonly version = 1;
  abstract readonly steps: readonly StepPlan[];

  constructor(protected readonly parts: GenerationSteps) {}

  abstract run(context: TaskContext): Promise<void>;

  toResource(task: Task): JsonObject {
    return toGenerationResource(task, (name) => this.parts.store.publicUrl(name));
  }

  async deleteFiles(task: Task): Promise<void> {
    await this.parts.images.delete([...workingNames(task), ...keptNames(task.id)]);
  }

  async cleanUp(task: Task): Promise<void> {
    const isKept = task.status === 'succeeded';
    await this.parts.images.delete([...workingNames(task), ...(isKept ? [] : keptNames(task.id))]);
  }

  protected async understand(context: TaskContext): Promise<Understood> {
    const { parts } = this;
    const { id } = context.task;
    const request = generationInput.parse(context.task.input);

    const fetched = await context.step(
      'fetch_image',
      (signal) => parts.fetchImage.run(context.task, request.initialImageUrl, signal),
      (stored) => fetchedImage.parse(stored),
    );
    const verdict = await context.step(
      'classify',
      (signal) => parts.classify.run(fetched, signal),
      (stored) => classification.parse(stored),
    );
    assertDesk(verdict);
    const input = await context.step(
      'store_input',
      (signal) => parts.storeInput.run(id, fetched, signal),
      (stored) => storedInput.parse(stored),
    );
    await context.add({ result: { input } });
    const written = await context.step(
      'write_prompt',
      (signal) => parts.writePrompt.run(input, verdict, request.concept, signal),
      (stored) => writtenPrompt.parse(stored),
      toPaidCall(parts.writePrompt.writer, 'write_prompt'),
    );
    const { prompt, items, writer, calls } = written;
    await context.add({ result: { prompt, items, vision: writer }, calls });
    return { request, input, written };
  }
}

/** Photo to prompt and items; nothing is drawn. */
export class PromptPipeline extends DeskPipeline {
  readonly kind = 'prompt.v1';
  readonly steps: readonly StepPlan[] = [
    { name: 'fetch_image', percent: 30 },
    { name: 'classify', percent: 45 },
    { name: 'store_input', percent: 55 },
    { name: 'write_prompt', percent: 98 },
  ];

  async run(context: TaskContext): Promise<void> {
    await this.understand(context);
  }
}

/** The whole workflow. v1 and v2 differ by the generator inside `generateImage` and by nothing else. */
export class GenerationPipeline extends DeskPipeline {
  readonly steps: readonly StepPlan[] = [
    { name: 'fetch_image', percent: 10 },
    { name: 'classify', percent: 15 },
    { name: 'store_input', percent: 20 },
    { name: 'write_prompt', percent: 35 },
    { name: 'search_products', percent: 45 },
    { name: 'generate_image', percent: 85 },
    { name: 'check_result', percent: 90 },
    { name: 'store_result', percent: 98 },
  ];

  constructor(
    readonly kind: string,
    private readonly generateImage: GenerateImageStep,
    parts: GenerationSteps,
  ) {
    super(parts);
  }

  async run(context: TaskContext): Promise<void> {
    const { parts } = this;
    const { id } = context.task;
    const { request, input, written } = await this.understand(context);

    // The search is started first, so that progress names the step that people wait for.
    const [, drawn] = await context.all([
      this.searchProducts(context, written),
      context.step(
        'generate_image',
        (signal) => this.generateImage.run(context.task, request, input, written, signal),
        (stored) => drawnImage.parse(stored),
        toPaidCall(this.generateImage.generator, 'generate_image'),
      ),
    ]);
    await context.add({
      result: { image: drawn.generator },
      warnings: drawn.warnings,
      calls: drawn.calls,
    });
    const checked = await context.step(
      'check_result',
      (signal) => parts.checkResult.run(drawn, signal),
      (stored) => checkedResult.parse(stored),
    );
    if (!checked.isDesk) await context.add({ warnings: ['result_may_not_show_a_desk'] });
    const processed = await context.step(
      'store_result',
      (signal) => parts.storeResult.run(id, drawn, signal),
      (stored) => storedResult.parse(stored),
    );
    await context.add({ result: { processed } });
  }

  private async searchProducts(context: TaskContext, written: StoredPrompt): Promise<void> {
    const found = await context.step(
      'search_products',
      (signal) => this.parts.searchProducts.run(written.items, signal),
      (stored) => foundProducts.parse(stored),
    );
    const { groups, sources, warnings } = found;
    await context.add({ result: { groups, products: sources.join(',') }, warnings });
  }
}

const assertDesk = (verdict: Classification): void => {
  if (verdict.isDesk) return;
  const { confidence, reason, model } = verdict;
  throw new RefusedError('not_a_desk', toVerdictMessage(verdict), {
    details: { confidence, reason, model },
  });
};
