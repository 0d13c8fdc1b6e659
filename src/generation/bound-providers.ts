import { Inject, Injectable } from '@nestjs/common';

import { type ImageGenerator } from '../providers/image-generator/image-generator.port.js';
import { IMAGE_STORE, type ImageStore } from '../providers/image-store/image-store.port.js';
import {
  PRODUCT_SEARCH,
  type ProductSearch,
} from '../providers/product-search/product-search.port.js';
import { PROMPT_WRITER, type PromptWriter } from '../providers/prompt-writer/prompt-writer.port.js';

interface Named {
  readonly name: string;
  readonly model: string;
}

/** Which provider is bound to which port, for those who tell people about it. */
@Injectable()
export class BoundProviders {
  private readonly generators = new Map<string, ImageGenerator>();

  constructor(
    @Inject(PROMPT_WRITER) private readonly writer: PromptWriter,
    @Inject(PRODUCT_SEARCH) private readonly search: ProductSearch,
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
  ) {}

  /** Each kind of task has a generator of its own. */
  addGenerator(kind: string, generator: ImageGenerator): void {
    this.generators.set(kind, generator);
  }

  imageGenerator(kind: string): Named {
    const { name, model } = this.generators.get(kind) ?? { name: 'none', model: 'none' };
    return { name, model };
  }

  promptWriter(): Named {
    return { name: this.writer.name, model: this.writer.model };
  }

  productSearch(): string {
    return this.search.name;
  }

  imageStore(): string {
    return this.store.name;
  }
}
