import { z } from 'zod';

import { CONCEPTS } from './concept.js';

/**
 * What the steps of a generation hand on to each other and leave behind. All of it is stored as JSON
 * and validated when it is read back, since an older version of the service may have written it.
 * Images are named here and kept in the image store: rows hold no bytes.
 */
const imageRef = z.object({
  name: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});

const providerCall = z.object({
  provider: z.string(),
  operation: z.string(),
  model: z.string(),
  usd: z.number().nullable(),
  durationMs: z.number(),
});

const item = z.object({ keyword: z.string(), label: z.string(), reason: z.string() });

const product = z.object({
  title: z.string(),
  priceKrw: z.number(),
  mall: z.string(),
  link: z.string(),
  imageUrl: z.string(),
  mainCategory: z.string(),
  subCategory: z.string(),
});

const productGroup = z.object({ keyword: z.string(), details: z.array(product) });

export const generationInput = z.object({
  initialImageUrl: z.string(),
  concept: z.enum(CONCEPTS),
  seed: z.number().int().nullable(),
});
export type GenerationInput = z.infer<typeof generationInput>;

export const fetchedImage = imageRef.extend({ sha256: z.string() });
export type FetchedImage = z.infer<typeof fetchedImage>;

export const classification = z.object({
  isDesk: z.boolean(),
  confidence: z.number(),
  reason: z.string().nullable(),
  model: z.string(),
  tags: z.array(z.object({ label: z.string(), probability: z.number() })),
});
export type Classification = z.infer<typeof classification>;

export const storedInput = imageRef;
export type StoredInput = z.infer<typeof storedInput>;

export const writtenPrompt = z.object({
  writer: z.string(),
  prompt: z.string(),
  items: z.array(item),
  calls: z.array(providerCall),
});
export type StoredPrompt = z.infer<typeof writtenPrompt>;

export const drawnImage = imageRef.extend({
  generator: z.string(),
  warnings: z.array(z.string()),
  calls: z.array(providerCall),
});
export type DrawnImage = z.infer<typeof drawnImage>;

export const foundProducts = z.object({
  groups: z.array(productGroup),
  sources: z.array(z.string()),
  warnings: z.array(z.string()),
});
export type FoundProducts = z.infer<typeof foundProducts>;

export const checkedResult = z.object({ isDesk: z.boolean(), confidence: z.number() });
export type CheckedResult = z.infer<typeof checkedResult>;

export const storedResult = imageRef;
export type StoredResult = z.infer<typeof storedResult>;

/** What a task has found so far; every field appears when its step has finished. */
export const generationResult = z.object({
  input: imageRef.optional(),
  processed: imageRef.optional(),
  prompt: z.string().optional(),
  items: z.array(item).optional(),
  groups: z.array(productGroup).optional(),
  vision: z.string().optional(),
  image: z.string().optional(),
  products: z.string().optional(),
});
export type GenerationResult = z.infer<typeof generationResult>;
