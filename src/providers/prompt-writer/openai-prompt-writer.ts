import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Inject, Injectable } from '@nestjs/common';
import type OpenAI from 'openai';

import { CLOCK, type Clock } from '../../common/clock.js';
import { ConfigurationError } from '../../common/errors/errors.js';
import { AppLogger } from '../../common/logging/app-logger.js';
import { openAiConfig, type OpenAiConfig } from '../../config/openai.config.js';
import { createOpenAiClient } from '../openai/openai-client.js';
import { type OpenAiCall, toOpenAiFailure } from '../openai/openai-errors.js';
import { type ProviderCall } from '../provider-call.js';
import { type ObservedCall, providerCalls } from '../provider.diagnostics.js';
import { closeUnserved } from '../spend/close-unserved.js';
import { DailyBudget, type PaidCall } from '../spend/daily-budget.js';
import { PriceTable } from '../spend/price-table.js';
import { toUnusableAnswer } from '../upstream/upstream-failure.js';
import { DESK_PLAN_SCHEMA, readDeskPlan } from './openai/desk-plan.js';
import { readVisionAnswer, type VisionAnswer } from './openai/vision-answer.js';
import { toVisionPhoto } from './openai/vision-photo.js';
import { type PromptRequest, type PromptWriter, type WrittenPrompt } from './prompt-writer.port.js';

type Message = OpenAI.Chat.ChatCompletionMessageParam;

interface Conversation {
  readonly messages: readonly Message[];
  readonly calls: readonly ProviderCall[];
}

const MAX_TAGS = 8;
/** The answer that is handed back for repair is the model's own, but still not to be endless. */
const MAX_REPAIRED = 8_000;

/**
 * One look at the photo by a vision model: Chat Completions with Structured Outputs, the shape that
 * OpenAI and the self-hosted servers share. An answer that is empty or breaks the schema is sent back
 * once for repair; then it is an error. There are no canned items: they would look like a result.
 */
@Injectable()
export class OpenAiPromptWriter implements PromptWriter {
  readonly name = 'openai';
  readonly model: string;
  private readonly client: OpenAI;
  private readonly instructions: string;
  private readonly call: OpenAiCall;
  private hasTold = false;

  constructor(
    @Inject(openAiConfig.KEY) private readonly config: OpenAiConfig,
    private readonly prices: PriceTable,
    private readonly budget: DailyBudget,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly logger: AppLogger,
  ) {
    this.model = config.visionModel;
    this.client = createOpenAiClient(config, config.visionTimeoutMs);
    this.instructions = loadInstructions(config.promptsDir);
    this.call = {
      provider: this.name,
      operation: 'chat.completions',
      subject: 'OpenAI',
      model: this.model,
      modelSetting: 'OPENAI_VISION_MODEL',
    };
    // A budget that cannot see the price would never end.
    if (budget.isLimited && !prices.knows(this.model)) {
      throw new ConfigurationError([
        `DAILY_BUDGET_USD needs a price of ${this.model} in prices.json (OPENAI_PROMPTS_DIR)`,
      ]);
    }
  }

  async write(request: PromptRequest, signal: AbortSignal): Promise<WrittenPrompt> {
    signal.throwIfAborted();
    const messages = await this.firstMessages(request);
    const first = await this.ask({ messages, calls: [] }, signal);
    const reading = readDeskPlan(first.text);
    if ('plan' in reading) return { ...reading.plan, calls: first.calls };
    const repair = repairMessages(messages, first.text, reading.fault);
    const second = await this.ask({ messages: repair, calls: first.calls }, signal);
    const repaired = readDeskPlan(second.text);
    if ('plan' in repaired) return { ...repaired.plan, calls: second.calls };
    throw toUnusableAnswer(this.call, 'schema_broken_twice');
  }

  private async firstMessages({ image, concept, tags }: PromptRequest): Promise<Message[]> {
    const seen = tags
      .slice(0, MAX_TAGS)
      .map(({ label }) => label.replaceAll(/[^\w ,'-]/g, ' '))
      .join(', ');
    const hint = seen === '' ? '' : ` A classifier that may be wrong saw: ${seen}.`;
    return [
      { role: 'system', content: this.instructions },
      {
        role: 'user',
        content: [
          { type: 'text', text: `Plan the makeover of this desk in the look ${concept}.${hint}` },
          { type: 'image_url', image_url: { url: await toVisionPhoto(image), detail: 'high' } },
        ],
      },
    ];
  }

  private async ask(
    { messages, calls }: Conversation,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly calls: readonly ProviderCall[] }> {
    const paid = await this.budget.start(this.prices.estimateOf(this.model));
    const startedAt = this.clock.now();
    const observed: ObservedCall = { ...this.call };
    const { answer, usd } = await providerCalls.run(observed, async () => {
      const answered = await this.askOnce(messages, paid, signal);
      const { usage } = answered;
      observed.bill = { usage, usd: this.prices.priceOf(this.model, usage) };
      await paid.settle(observed.bill.usd);
      if (answered.failure) throw answered.failure;
      return { answer: answered, usd: observed.bill.usd };
    });
    if (usd === null) this.tellUnknownPrice();
    const { name: provider, model } = this;
    const durationMs = this.clock.now() - startedAt;
    const call = { provider, operation: this.call.operation, model, usd, durationMs };
    return { text: answer.text, calls: [...calls, call] };
  }

  private async askOnce(
    messages: readonly Message[],
    paid: PaidCall,
    signal: AbortSignal,
  ): Promise<VisionAnswer> {
    try {
      return readVisionAnswer(await this.complete(messages, signal), this.call);
    } catch (error) {
      const failure = toOpenAiFailure(error, this.call, signal, this.clock.now());
      await closeUnserved(paid, failure);
      throw failure;
    }
  }

  private complete(messages: readonly Message[], signal: AbortSignal): Promise<unknown> {
    return this.client.chat.completions.create(
      {
        model: this.model,
        messages: [...messages],
        // Counts reasoning as well; `max_tokens` is deprecated (completions.d.ts).
        max_completion_tokens: this.config.visionMaxTokens,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'desk_plan', strict: true, schema: DESK_PLAN_SCHEMA },
        },
      },
      { signal },
    );
  }

  private tellUnknownPrice(): void {
    if (this.hasTold) return;
    this.hasTold = true;
    this.logger.warn(`The price of ${this.model} is unknown: its calls are listed without cost.`);
  }
}

const repairMessages = (messages: readonly Message[], text: string, fault: string): Message[] => [
  ...messages,
  ...(text === '' ? [] : [{ role: 'assistant' as const, content: text.slice(0, MAX_REPAIRED) }]),
  {
    role: 'user',
    content: `${fault} Answer again with the complete JSON object of the schema and nothing else.`,
  },
];

const loadInstructions = (folder: string): string => {
  try {
    return readFileSync(join(folder, 'vision.md'), 'utf8').trim();
  } catch {
    throw new ConfigurationError([`${folder}/vision.md is missing`]);
  }
};
