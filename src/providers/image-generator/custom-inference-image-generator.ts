import { Inject, Injectable } from '@nestjs/common';
import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError, toFile } from 'openai';

import { ProviderError } from '../../common/errors/errors.js';
import { generationConfig, type GenerationConfig } from '../../config/generation.config.js';
import {
  type GeneratedImage,
  type ImageGenerationRequest,
  type ImageGenerator,
} from './image-generator.port.js';

const OPERATION = 'images.edit';

/**
 * The team's own inference server over the OpenAI-shaped `POST /images/edits` (multipart in,
 * `data[0].b64_json` out), which vLLM-Omni, SGLang and sd-server speak. One call, no retries.
 */
@Injectable()
export class CustomInferenceImageGenerator implements ImageGenerator {
  readonly name = 'custom';
  readonly model: string;
  private readonly client: OpenAI;

  constructor(@Inject(generationConfig.KEY) config: GenerationConfig) {
    this.model = config.customInferenceModel;
    this.client = new OpenAI({
      baseURL: config.customInferenceUrl,
      // The SDK wants a key even where the server does not.
      apiKey: config.customInferenceToken ?? 'none',
      maxRetries: 0,
      timeout: config.timeoutMs,
    });
  }

  async generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    try {
      const answer = await this.client.images.edit(
        {
          model: this.model,
          image: await toFile(request.image, 'desk.jpg', { type: 'image/jpeg' }),
          prompt: request.prompt,
        },
        { signal },
      );
      const base64 = answer.data?.[0]?.b64_json;
      if (!base64) throw this.failure('provider_failed', 'The inference server sent no picture.');
      return {
        bytes: Buffer.from(base64, 'base64'),
        calls: [],
        generator: this.name,
        warnings: [],
      };
    } catch (error) {
      throw this.translate(error);
    }
  }

  private translate(error: unknown): unknown {
    // A canceled task is not the server's failure.
    if (error instanceof ProviderError || error instanceof APIUserAbortError) return error;
    if (error instanceof APIConnectionTimeoutError) {
      return this.failure('provider_timeout', 'The inference server took too long.', error);
    }
    if (!(error instanceof APIError)) return error;
    const isTransient = error.status === undefined || error.status >= 500 || error.status === 429;
    return isTransient
      ? this.failure('provider_unavailable', 'The inference server is unavailable.', error)
      : this.failure('provider_failed', 'The inference server refused the request.', error);
  }

  private failure(
    code: 'provider_failed' | 'provider_unavailable' | 'provider_timeout',
    message: string,
    cause?: unknown,
  ): ProviderError {
    const upstreamStatus =
      cause instanceof APIError && typeof cause.status === 'number' ? cause.status : undefined;
    return new ProviderError(code, message, {
      provider: this.name,
      operation: OPERATION,
      cause,
      ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
    });
  }
}
