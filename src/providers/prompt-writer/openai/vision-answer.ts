import { z } from 'zod';

import { RefusedError } from '../../../common/errors/errors.js';
import { providerFailure, toUnusableAnswer } from '../../upstream/upstream-failure.js';
import { type OpenAiCall } from '../../openai/openai-errors.js';
import { type TokenUsage } from '../../spend/price-table.js';

const tokens = z.number().int().nonnegative();

const completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
        }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish(),
});

export interface VisionAnswer {
  /** May be empty or no JSON: that can be repaired. */
  readonly text: string;
  /** Image and text tokens of a prompt are counted together and cost the same. */
  readonly usage: TokenUsage | undefined;
  /** Why the answer can't be used and a repair would not help; undefined when it can. */
  readonly failure: Error | undefined;
}

const refused = (call: OpenAiCall, reason: string): RefusedError =>
  new RefusedError(
    'content_rejected',
    'The photo was refused by the content policy of the vision model.',
    {
      details: { provider: call.provider, operation: call.operation, reason },
    },
  );

const findFailure = (
  finish: string | null | undefined,
  refusal: string | null | undefined,
  call: OpenAiCall,
): Error | undefined => {
  if (refusal) return refused(call, 'refusal');
  if (finish === 'content_filter') return refused(call, 'content_filter');
  if (finish !== 'length') return undefined;
  return providerFailure(
    'provider_failed',
    call,
    'did not finish its answer: an operator has to raise OPENAI_VISION_MAX_TOKENS.',
    { reason: 'length' },
  );
};

/**
 * Tells apart how a completion can end: refused (`refusal`), filtered (`content_filter`), cut off
 * (`length`) or said. Source: openai@7.57.0 resources/chat/completions/completions.d.ts.
 *
 * @throws ProviderError when the answer is no completion at all
 */
export const readVisionAnswer = (answer: unknown, call: OpenAiCall): VisionAnswer => {
  const parsed = completion.safeParse(answer);
  const choice = parsed.data?.choices[0];
  if (!choice) throw toUnusableAnswer(call, 'no_completion');
  const { usage } = parsed.data ?? {};
  const { content, refusal } = choice.message;
  return {
    text: content ?? '',
    usage: usage
      ? { textInput: usage.prompt_tokens, imageInput: 0, output: usage.completion_tokens }
      : undefined,
    failure: findFailure(choice.finish_reason, refusal, call),
  };
};
