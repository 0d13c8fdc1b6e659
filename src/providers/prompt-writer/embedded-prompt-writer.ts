import { Injectable } from '@nestjs/common';
import { type PromptWriter, type WrittenPrompt } from './prompt-writer.port.js';
@Injectable()
export class EmbeddedPromptWriter implements PromptWriter {
  readonly name = 'embedded';
  readonly model = 'rules-1';
  async write(): Promise<WrittenPrompt> {
    return {
      prompt: 'stub',
      items: [{ keyword: '마우스', label: 'mouse', reason: 'stub' }],
      calls: [],
    };
  }
}
