import {
  type PromptRequest,
  type PromptWriter,
  type WrittenPrompt,
} from '../../src/providers/prompt-writer/prompt-writer.port.js';

/** Answers every photo with the same plan; remembers what it was asked. */
export class FakePromptWriter implements PromptWriter {
  readonly name = 'fake';
  readonly model = 'fake-1';
  readonly requests: PromptRequest[] = [];

  async write(request: PromptRequest, signal: AbortSignal): Promise<WrittenPrompt> {
    signal.throwIfAborted();
    this.requests.push(request);
    return {
      prompt: 'Clear the desk, add a wooden monitor stand and a warm lamp on the left side.',
      items: [
        { keyword: '모니터 받침대', label: 'monitor stand', reason: 'The monitor stands low.' },
        { keyword: '무선 마우스', label: 'wireless mouse', reason: 'Cables cross the desk.' },
        { keyword: 'LED 스탠드', label: 'desk lamp', reason: 'The left side is dark.' },
      ],
      calls: [],
    };
  }
}
