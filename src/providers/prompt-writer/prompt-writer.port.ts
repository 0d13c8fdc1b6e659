import { type Concept } from '../../generation/domain/concept.js';
import { type ImageTag } from '../desk-classifier/desk-classifier.port.js';
import { type ProviderCall } from '../provider-call.js';

export const PROMPT_WRITER = Symbol('PROMPT_WRITER');

export interface PromptRequest {
  /** JPEG without metadata, upright. */
  readonly image: Buffer;
  readonly concept: Concept;
  /** What the classifier saw, most probable first; may be empty. */
  readonly tags: readonly ImageTag[];
}

/** Something worth buying for this desk. */
export interface RecommendedItem {
  /** Korean search keyword, for example `모니터 받침대`. 2 to 30 characters, no markup, no URL. */
  readonly keyword: string;
  /** English label, for example `monitor stand`. */
  readonly label: string;
  /** One sentence: what in this photo speaks for it. */
  readonly reason: string;
}

export interface WrittenPrompt {
  /** English, for an image model; at most 4,000 characters. */
  readonly prompt: string;
  /** 3 to 8 items, no keyword twice. */
  readonly items: readonly RecommendedItem[];
  readonly calls: readonly ProviderCall[];
}

export interface PromptWriter {
  /** `embedded`, `openai` ...: shown in `/info` and in each task's `provider`. */
  readonly name: string;
  /** Model id shown in `/info`. */
  readonly model: string;
  /**
   * Looks at the photo once. Honours `signal`; makes no retries of its own beyond what an adapter's
   * documentation says.
   *
   * @throws ProviderError when the vendor fails or its answer cannot be used
   * @throws RefusedError `content_rejected` when the vendor's policy refuses the photo
   */
  write(request: PromptRequest, signal: AbortSignal): Promise<WrittenPrompt>;
}
