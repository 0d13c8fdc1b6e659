import { z } from 'zod';

import { type RecommendedItem } from '../prompt-writer.port.js';
import { toKeyword, toLabel, toPlainText, toReason } from './keyword-filter.js';

export const MIN_ITEMS = 3;
export const MAX_ITEMS = 8;
const MAX_PROMPT = 3_500;
const MAX_NOTES = 300;
const MIN_PROMPT = 20;

/**
 * What the model has to answer, in the strict subset of JSON Schema: every property required, nothing
 * else allowed. Short texts are bounded by `pattern`, which the subset has; it has no `maxLength`, and
 * long bounded patterns are slow on servers that compile them into a grammar.
 */
export const DESK_PLAN_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['prompt', 'items', 'style_notes'],
  properties: {
    prompt: {
      type: 'string',
      description: 'English, 40 to 250 words, for an image editing model.',
    },
    items: {
      type: 'array',
      minItems: MIN_ITEMS,
      maxItems: MAX_ITEMS,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['keyword', 'label', 'reason'],
        properties: {
          keyword: {
            type: 'string',
            pattern: '^.{2,30}$',
            description: 'Korean product name to search a shop for.',
          },
          label: { type: 'string', pattern: '^.{2,40}$', description: 'The same in English.' },
          reason: { type: 'string', description: 'One English sentence, at most 200 characters.' },
        },
      },
    },
    style_notes: { type: 'string', description: 'English, at most 300 characters.' },
  },
} as const;

const deskPlan = z.object({
  prompt: z.string().min(MIN_PROMPT),
  items: z.array(z.object({ keyword: z.string(), label: z.string(), reason: z.string() })).max(50),
  style_notes: z.string(),
});

export interface DeskPlan {
  readonly prompt: string;
  readonly items: readonly RecommendedItem[];
}

/** Either the plan, or one sentence that tells the model what to repair. */
export type PlanReading = { readonly plan: DeskPlan } | { readonly fault: string };

const toItems = (raw: z.infer<typeof deskPlan>['items']): RecommendedItem[] => {
  const byKeyword = new Map<string, RecommendedItem>();
  for (const item of raw) {
    const keyword = toKeyword(item.keyword);
    const label = toLabel(item.label);
    const key = keyword?.replaceAll(' ', '').toLowerCase();
    if (keyword === undefined || label === undefined || key === undefined) continue;
    if (!byKeyword.has(key)) byKeyword.set(key, { keyword, label, reason: toReason(item.reason) });
  }
  return [...byKeyword.values()].slice(0, MAX_ITEMS);
};

const parseJson = (text: string): unknown => {
  // Gateways whose models know no Structured Outputs like to wrap JSON into a code block.
  const json = text.trim().replace(/^```(?:json)?\s*([\s\S]*?)\s*```$/, '$1');
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
};

/** Reads an answer as foreign text: shape, then length, script, addresses and markup of each part. */
export const readDeskPlan = (text: string): PlanReading => {
  const parsed = deskPlan.safeParse(parseJson(text));
  if (!parsed.success) return { fault: 'The answer was not the JSON object of the schema.' };
  const prompt = toPlainText(parsed.data.prompt, MAX_PROMPT);
  if (prompt.length < MIN_PROMPT) return { fault: '`prompt` was no usable description.' };
  const items = toItems(parsed.data.items);
  if (items.length < MIN_ITEMS) {
    return {
      fault: `Only ${items.length} items had a usable Korean keyword (2 to 30 letters, a generic product name, no address or markup) and a usable English label; at least ${MIN_ITEMS} are needed, none twice.`,
    };
  }
  const notes = toPlainText(parsed.data.style_notes, MAX_NOTES);
  return { plan: { prompt: notes === '' ? prompt : `${prompt} Style: ${notes}`, items } };
};
