import { type PromptWriter } from '../../providers/prompt-writer/prompt-writer.port.js';
import { type Concept } from '../domain/concept.js';
import { type Classification, type StoredInput, type StoredPrompt } from '../domain/generation.js';
import { type WorkingImages } from '../working-images.js';

/** One look at the photo gives the image prompt and the items worth buying. */
export class WritePromptStep {
  constructor(
    readonly writer: PromptWriter,
    private readonly images: WorkingImages,
  ) {}

  async run(
    input: StoredInput,
    verdict: Classification,
    concept: Concept,
    signal: AbortSignal,
  ): Promise<StoredPrompt> {
    const image = await this.images.get(input.name, signal);
    const written = await this.writer.write({ image, concept, tags: verdict.tags }, signal);
    return {
      writer: this.writer.name,
      prompt: written.prompt,
      items: written.items.map((item) => ({ ...item })),
      calls: written.calls.map((call) => ({ ...call })),
    };
  }
}
