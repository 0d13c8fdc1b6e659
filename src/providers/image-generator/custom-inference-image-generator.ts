import { Inject, Injectable } from '@nestjs/common';

import { generationConfig, type GenerationConfig } from '../../config/generation.config.js';
import { scaledSize } from './drawing-size.js';
import {
  type GeneratedImage,
  type ImageGenerationRequest,
  type ImageGenerator,
} from './image-generator.port.js';
import { InferenceServer } from './inference/inference-server.js';
import { type InferenceSettings, loadInferenceSettings } from './inference/inference-settings.js';

/** Diffusion models work on latents of 8 x 8 pixels; most servers want whole blocks of 64. */
const EDGE_STEP = 64;

/**
 * Draws on the team's own inference server, in the protocol that it speaks. One call, no retries; a
 * server of one's own is not billed by the call, so there is nothing for the cost ledger.
 */
@Injectable()
export class CustomInferenceImageGenerator implements ImageGenerator {
  readonly name = 'custom';
  readonly model: string;
  private readonly settings: InferenceSettings;

  constructor(
    @Inject(generationConfig.KEY) config: Pick<GenerationConfig, 'customModelDir'>,
    private readonly server: InferenceServer,
  ) {
    this.model = server.model;
    this.settings = loadInferenceSettings(config.customModelDir);
  }

  async generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    const { settings } = this;
    const { style, strength } = settings.concepts[request.concept];
    const values: Readonly<Record<string, string>> = { style, prompt: request.prompt };
    const bytes = await this.server.draw(
      {
        image: request.image,
        ...scaledSize(request, settings.target_pixels, EDGE_STEP),
        prompt: settings.template.replaceAll(
          /\{(style|prompt)\}/g,
          (_, name: string) => values[name] ?? '',
        ),
        negativePrompt: settings.negative_prompt,
        strength,
        seed: request.seed,
        settings,
      },
      signal,
    );
    return { bytes, calls: [], generator: this.name, warnings: [] };
  }
}
