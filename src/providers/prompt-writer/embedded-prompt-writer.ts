import { Injectable } from '@nestjs/common';

import { providerCalls } from '../provider.diagnostics.js';
import { chooseItems } from './embedded/choose-items.js';
import { composePrompt } from './embedded/compose-prompt.js';
import { toDeskFacts } from './embedded/desk-facts.js';
import { measurePhoto } from './embedded/photo-statistics.js';
import { type PromptRequest, type PromptWriter, type WrittenPrompt } from './prompt-writer.port.js';

/**
 * Writes prompt and items by fixed rules from what can be measured in the photo (light, colours,
 * clutter) and from the classifier's tags. No language model, no network, no cost: it knows what the
 * rules know and nothing else. The same request always gets the same answer.
 */
@Injectable()
export class EmbeddedPromptWriter implements PromptWriter {
  readonly name = 'embedded';
  readonly model = 'rules-1';

  /** @throws ImageError `image_unreadable` when the photo cannot be decoded */
  write(request: PromptRequest, signal: AbortSignal): Promise<WrittenPrompt> {
    const call = { provider: this.name, operation: 'write_prompt', model: this.model };
    return providerCalls.run(call, () => this.look(request, signal));
  }

  private async look(request: PromptRequest, signal: AbortSignal): Promise<WrittenPrompt> {
    signal.throwIfAborted();
    const photo = await measurePhoto(request.image);
    signal.throwIfAborted();
    const facts = toDeskFacts(photo, request.tags);
    const items = chooseItems(facts);
    return { prompt: composePrompt(facts, request.concept, items), items, calls: [] };
  }
}
