import { type ImageDecoder } from '../../imaging/image-decoder.js';
import { type ImageGenerator } from '../../providers/image-generator/image-generator.port.js';
import { ProviderError } from '../../common/errors/errors.js';
import {
  type DrawnImage,
  type GenerationInput,
  type StoredInput,
  type StoredPrompt,
} from '../domain/generation.js';
import { type ClaimedTask, drawnName } from '../domain/result-names.js';
import { type WorkingImages } from '../working-images.js';

/** Image models answer with at most 3840 px; their picture is kept as it is, in pixels. */
const MAX_EDGE = 3840;
const JPEG_QUALITY = 92;

/** Redraws the desk. The picture is stored before the step counts as done: it may have been paid for. */
export class GenerateImageStep {
  constructor(
    readonly generator: ImageGenerator,
    private readonly decoder: ImageDecoder,
    private readonly images: WorkingImages,
  ) {}

  async run(
    task: ClaimedTask,
    request: GenerationInput,
    input: StoredInput,
    written: StoredPrompt,
    signal: AbortSignal,
  ): Promise<DrawnImage> {
    const generated = await this.generator.generate(
      {
        image: await this.images.get(input.name, signal),
        width: input.width,
        height: input.height,
        concept: request.concept,
        prompt: written.prompt,
        seed: request.seed,
      },
      signal,
    );
    const picture = await this.decode(generated.bytes, generated.generator);
    const name = drawnName(task);
    await this.images.put(name, picture.bytes, signal);
    return {
      name,
      width: picture.width,
      height: picture.height,
      generator: generated.generator,
      warnings: [...generated.warnings],
      calls: generated.calls.map((call) => ({ ...call })),
    };
  }

  /** A generator's answer is foreign data as well: whatever is no picture is the provider's failure. */
  private async decode(
    bytes: Buffer,
    generator: string,
  ): Promise<{ bytes: Buffer; width: number; height: number }> {
    try {
      const inspected = await this.decoder.inspect(bytes);
      return await this.decoder.normalise(inspected, { maxEdge: MAX_EDGE, quality: JPEG_QUALITY });
    } catch (cause) {
      throw new ProviderError('provider_failed', 'The image generator answered with no picture.', {
        provider: generator,
        operation: 'generate',
        cause,
      });
    }
  }
}
