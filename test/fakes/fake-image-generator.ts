import { sharp } from '../../src/imaging/sharp.js';
import {
  type GeneratedImage,
  type ImageGenerationRequest,
  type ImageGenerator,
} from '../../src/providers/image-generator/image-generator.port.js';

/** Draws a plain picture, or fails as it was told to; remembers what it was asked. */
export class FakeImageGenerator implements ImageGenerator {
  readonly model = 'fake-1';
  readonly requests: ImageGenerationRequest[] = [];
  private readonly failures: unknown[] = [];

  constructor(readonly name = 'fake') {}

  /** The next calls fail with these, in turn. */
  failWith(...failures: readonly unknown[]): this {
    this.failures.push(...failures);
    return this;
  }

  async generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    signal.throwIfAborted();
    this.requests.push(request);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const { width, height } = request;
    const bytes = await sharp({ create: { width, height, channels: 3, background: '#888' } })
      .jpeg()
      .toBuffer();
    return { bytes, calls: [], generator: this.name, warnings: [] };
  }
}
