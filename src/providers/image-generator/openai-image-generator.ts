import { Inject, Injectable } from '@nestjs/common';
import type OpenAI from 'openai';
import { toFile } from 'openai';
import { z } from 'zod';

import { CLOCK, type Clock } from '../../common/clock.js';
import { ConfigurationError } from '../../common/errors/errors.js';
import { generationConfig, type GenerationConfig } from '../../config/generation.config.js';
import { openAiConfig, type OpenAiConfig } from '../../config/openai.config.js';
import { createOpenAiClient } from '../openai/openai-client.js';
import { type OpenAiCall, toOpenAiFailure } from '../openai/openai-errors.js';
import { type ProviderCall } from '../provider-call.js';
import { type ObservedCall, providerCalls } from '../provider.diagnostics.js';
import { closeUnserved } from '../spend/close-unserved.js';
import { DailyBudget, type PaidCall } from '../spend/daily-budget.js';
import { PriceTable } from '../spend/price-table.js';
import { assertPicture, decodeBase64 } from '../upstream/answered-picture.js';
import { toUnusableAnswer } from '../upstream/upstream-failure.js';
import { sizeForModel, toSizeText } from './drawing-size.js';
import {
  type GeneratedImage,
  type ImageGenerationRequest,
  type ImageGenerator,
} from './image-generator.port.js';
import { OpenAiPrompts } from './openai-prompts.js';

/** Longest prompt by family: openai resources/images.d.ts. */
const MAX_PROMPT = { edit: 32_000, dalle3: 4_000, dalle2: 1_000 };

const tokens = z.number().int().nonnegative();
const imagesAnswer = z.object({
  data: z.array(z.object({ b64_json: z.string().min(1) })).min(1),
  usage: z
    .object({
      input_tokens_details: z.object({ image_tokens: tokens, text_tokens: tokens }),
      output_tokens: tokens,
    })
    .nullish(),
});
type ImagesAnswer = z.infer<typeof imagesAnswer>;

/**
 * Redraws the user's photo with a GPT Image model: `POST /images/edits`, one picture, base64 back.
 * `dall-e-*` models, which only compatible gateways still serve, draw from text instead. One call and no
 * retries: the task engine owns those, and a second call is paid for a second time.
 * Protocol: openai@7.57.0 resources/images.d.ts.
 */
@Injectable()
export class OpenAiImageGenerator implements ImageGenerator {
  readonly name = 'openai';
  readonly model: string;
  private readonly client: OpenAI;
  private readonly prompts: OpenAiPrompts;
  private readonly isTextOnly: boolean;
  private readonly call: OpenAiCall;

  constructor(
    @Inject(openAiConfig.KEY) private readonly config: OpenAiConfig,
    @Inject(generationConfig.KEY) generation: Pick<GenerationConfig, 'timeoutMs'>,
    private readonly prices: PriceTable,
    private readonly budget: DailyBudget,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.model = config.imageModel;
    this.isTextOnly = this.model.startsWith('dall-e-');
    this.client = createOpenAiClient(config, generation.timeoutMs);
    this.prompts = OpenAiPrompts.load(config.promptsDir);
    this.call = {
      provider: this.name,
      operation: this.isTextOnly ? 'images.generate' : 'images.edit',
      subject: 'OpenAI',
      model: this.model,
      modelSetting: 'OPENAI_IMAGE_MODEL',
    };
    // A budget that cannot see the price would never end.
    if (budget.isLimited && !prices.knows(this.model)) {
      throw new ConfigurationError([
        `DAILY_BUDGET_USD needs a price of ${this.model} in prices.json (OPENAI_PROMPTS_DIR)`,
      ]);
    }
  }

  async generate(request: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    signal.throwIfAborted();
    const paid = await this.budget.start(this.prices.estimateOf(this.model));
    const startedAt = this.clock.now();
    const observed: ObservedCall = { ...this.call };
    const answer = await providerCalls.run(observed, async () => {
      const answered = await this.ask(request, paid, signal);
      observed.bill = this.toBill(answered);
      return answered;
    });
    const call = this.toCall(answer, startedAt);
    // Before the picture is looked at: a useless one is paid for as well.
    await paid.settle(call.usd);
    const base64 = answer.data[0]?.b64_json ?? '';
    const bytes = await assertPicture(decodeBase64(base64, this.call), this.call);
    return {
      bytes,
      calls: [call],
      generator: this.name,
      warnings: call.usd === null ? [`cost_unknown:${this.name}:${this.model}`] : [],
    };
  }

  private async ask(
    request: ImageGenerationRequest,
    paid: PaidCall,
    signal: AbortSignal,
  ): Promise<ImagesAnswer> {
    try {
      const answer: unknown = this.isTextOnly
        ? await this.drawFromText(request, signal)
        : await this.edit(request, signal);
      const parsed = imagesAnswer.safeParse(answer);
      if (parsed.success) return parsed.data;
      throw toUnusableAnswer(this.call, 'no_picture_in_answer');
    } catch (error) {
      const failure = toOpenAiFailure(error, this.call, signal, this.clock.now());
      await closeUnserved(paid, failure);
      throw failure;
    }
  }

  private async edit(request: ImageGenerationRequest, signal: AbortSignal): Promise<unknown> {
    return this.client.images.edit(
      {
        model: this.model,
        image: await toFile(request.image, 'desk.jpg', { type: 'image/jpeg' }),
        prompt: this.prompts.forEdit(request.concept, request.prompt).slice(0, MAX_PROMPT.edit),
        n: 1,
        size: toSizeText(sizeForModel(this.model, request, this.prompts.targetPixels)),
        quality: this.prompts.quality(request.concept) ?? this.config.imageQuality,
        output_format: this.config.imageFormat,
      },
      { signal },
    );
  }

  private async drawFromText(
    request: ImageGenerationRequest,
    signal: AbortSignal,
  ): Promise<unknown> {
    const isSecond = this.model.startsWith('dall-e-2');
    const limit = isSecond ? MAX_PROMPT.dalle2 : MAX_PROMPT.dalle3;
    return this.client.images.generate(
      {
        model: this.model,
        prompt: this.prompts.forText(request.concept, request.prompt).slice(0, limit),
        n: 1,
        size: toSizeText(sizeForModel(this.model, request, this.prompts.targetPixels)),
        response_format: 'b64_json',
        ...(isSecond ? {} : { quality: 'standard' as const }),
      },
      { signal },
    );
  }

  private toBill({ usage: spent }: ImagesAnswer): NonNullable<ObservedCall['bill']> {
    const usage = spent
      ? {
          textInput: spent.input_tokens_details.text_tokens,
          imageInput: spent.input_tokens_details.image_tokens,
          output: spent.output_tokens,
        }
      : undefined;
    return { usage, usd: this.prices.priceOf(this.model, usage) };
  }

  private toCall(answer: ImagesAnswer, startedAt: number): ProviderCall {
    return {
      provider: this.name,
      operation: this.call.operation,
      model: this.model,
      usd: this.toBill(answer).usd,
      durationMs: this.clock.now() - startedAt,
    };
  }
}
