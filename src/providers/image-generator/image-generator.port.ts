import { type Concept } from '../../generation/domain/concept.js';
import { type ProviderCall } from '../provider-call.js';

export const IMAGE_GENERATOR = Symbol('IMAGE_GENERATOR');

export interface ImageGenerationRequest {
  /** The user's photo: JPEG without metadata, upright, longest side at most 2048 px. */
  readonly image: Buffer;
  readonly width: number;
  readonly height: number;
  readonly concept: Concept;
  /** English image prompt from the prompt writer. */
  readonly prompt: string;
  /** The same seed gives the same picture where the generator can promise that. */
  readonly seed: number | null;
}

export interface GeneratedImage {
  /** Encoded picture: JPEG, PNG or WebP. */
  readonly bytes: Buffer;
  readonly calls: readonly ProviderCall[];
  /** `name` of the generator that drew it, which for a ladder is not known before. */
  readonly generator: string;
  /** For the task's `warnings`, for example that a fallback drew the picture. */
  readonly warnings: readonly string[];
}

export interface ImageGenerator {
  /** `embedded`, `openai`, `custom` ...: shown in `/info` and in each task's `provider`. */
  readonly name: string;
  /** Model id shown in `/info`. */
  readonly model: string;
  /**
   * Redraws one desk, once: no hidden retries. Honours `signal`.
   *
   * @throws ProviderError when the vendor fails or its answer is no picture
   * @throws RefusedError `content_rejected` when the vendor's policy refuses
   */
  generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage>;
}
