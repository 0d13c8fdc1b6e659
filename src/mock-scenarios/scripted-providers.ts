import {
  type DeskClassifier,
  type DeskClassifierInfo,
  type DeskVerdict,
  type PhotoSize,
} from '../providers/desk-classifier/desk-classifier.port.js';
import {
  type GeneratedImage,
  type ImageGenerationRequest,
  type ImageGenerator,
} from '../providers/image-generator/image-generator.port.js';
import {
  type ProductQuery,
  type ProductSearch,
  type ProductSearchResult,
} from '../providers/product-search/product-search.port.js';
import {
  type PromptRequest,
  type PromptWriter,
  type WrittenPrompt,
} from '../providers/prompt-writer/prompt-writer.port.js';
import { type Cue } from './mock-script.js';

const CLEAR_YES = 0.95;
const CLEAR_NO = 0.05;

/** Looks at the photo, and answers what the script says: any photo plays any scenario. */
export class ScriptedDeskClassifier implements DeskClassifier {
  constructor(
    private readonly inner: DeskClassifier,
    private readonly isDesk: boolean,
    private readonly cue: Cue,
  ) {}

  async classify(image: Buffer, signal?: AbortSignal, size?: PhotoSize): Promise<DeskVerdict> {
    await this.cue(signal);
    const verdict = await this.inner.classify(image, signal, size);
    return this.isDesk
      ? {
          ...verdict,
          isDesk: true,
          reason: null,
          confidence: Math.max(verdict.confidence, CLEAR_YES),
        }
      : {
          ...verdict,
          isDesk: false,
          reason: 'no_desk',
          confidence: Math.min(verdict.confidence, CLEAR_NO),
        };
  }

  info(): DeskClassifierInfo | null {
    return this.inner.info();
  }

  isReady(): boolean {
    return this.inner.isReady();
  }

  reload(): Promise<DeskClassifierInfo> {
    return this.inner.reload();
  }
}

export class ScriptedPromptWriter implements PromptWriter {
  readonly name: string;
  readonly model: string;

  constructor(
    private readonly inner: PromptWriter,
    private readonly cue: Cue,
  ) {
    this.name = inner.name;
    this.model = inner.model;
  }

  async write(request: PromptRequest, signal: AbortSignal): Promise<WrittenPrompt> {
    await this.cue(signal);
    return this.inner.write(request, signal);
  }
}

export class ScriptedImageGenerator implements ImageGenerator {
  readonly name: string;
  readonly model: string;

  constructor(
    private readonly inner: ImageGenerator,
    private readonly cue: Cue,
  ) {
    this.name = inner.name;
    this.model = inner.model;
  }

  async generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    await this.cue(signal);
    return this.inner.generate(request, signal);
  }
}

/** A shop that has nothing. */
export class EmptyProductSearch implements ProductSearch {
  constructor(readonly name: string) {}

  search(_query: ProductQuery, signal: AbortSignal): Promise<ProductSearchResult> {
    signal.throwIfAborted();
    return Promise.resolve({ products: [], source: this.name });
  }
}
