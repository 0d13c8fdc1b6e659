import { type OnApplicationShutdown } from '@nestjs/common';

import { type AppError } from '../../common/errors/app-error.js';
import {
  describeMisses,
  mayFallThrough,
  type Miss,
  pickError,
  type Rung,
  whyOf,
} from '../resilience/ladder.js';
import {
  type GeneratedImage,
  type ImageGenerationRequest,
  type ImageGenerator,
} from './image-generator.port.js';

/**
 * Generators in the order of `IMAGE_GENERATOR`: the first that can draws, and the task's warnings say
 * who it was and why the ones before it did not. A refusal for content ends the ladder.
 */
export class ImageGeneratorLadder implements ImageGenerator, OnApplicationShutdown {
  readonly name: string;
  readonly model: string;

  constructor(private readonly rungs: readonly Rung<ImageGenerator>[]) {
    this.name = rungs.map(({ adapter }) => adapter.name).join(',');
    this.model = rungs.map(({ adapter }) => adapter.model).join(',');
  }

  async generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    const misses: Miss[] = [];
    const errors: AppError[] = [];
    for (const { adapter, breaker } of this.rungs) {
      signal.throwIfAborted();
      try {
        const drawn = await breaker.run('generate', () => adapter.generate(request, signal));
        return withMisses(drawn, misses);
      } catch (error) {
        if (signal.aborted || !mayFallThrough(error)) throw error;
        misses.push({ name: adapter.name, why: whyOf(error) });
        errors.push(error);
      }
    }
    throw pickError(errors) ?? new RangeError('A ladder needs at least one rung');
  }

  /** Nest sees the ladder only, so it hands the end on to generators that hold threads. */
  async onApplicationShutdown(): Promise<void> {
    for (const { adapter } of this.rungs) {
      if (hasEnd(adapter)) await adapter.onApplicationShutdown();
    }
  }
}

const hasEnd = (adapter: object): adapter is OnApplicationShutdown =>
  'onApplicationShutdown' in adapter;

const withMisses = (drawn: GeneratedImage, misses: readonly Miss[]): GeneratedImage => {
  if (misses.length === 0) return drawn;
  const warning = `image_drawn_by_fallback:${drawn.generator}:${describeMisses(misses)}`;
  return { ...drawn, warnings: [...drawn.warnings, warning] };
};
