import { type ProviderBreaker } from '../resilience/provider-breaker.js';
import { type PromptRequest, type PromptWriter, type WrittenPrompt } from './prompt-writer.port.js';

/** A writer behind its circuit breaker: while the vendor is down, tasks wait instead of calling it. */
export class GuardedPromptWriter implements PromptWriter {
  constructor(
    private readonly writer: PromptWriter,
    private readonly breaker: ProviderBreaker,
  ) {}

  get name(): string {
    return this.writer.name;
  }

  get model(): string {
    return this.writer.model;
  }

  write(request: PromptRequest, signal: AbortSignal): Promise<WrittenPrompt> {
    return this.breaker.run('write', () => this.writer.write(request, signal));
  }
}
