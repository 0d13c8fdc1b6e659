import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { ConfigurationError } from '../../../common/errors/errors.js';
import { CONCEPTS } from '../../../generation/domain/concept.js';

const text = z.string().min(1).max(2_000);
const tensorName = z.string().min(1).max(64);

const inferenceFile = z.strictObject({
  template: text.includes('{prompt}'),
  negative_prompt: z.string().max(2_000),
  steps: z.int().min(1).max(200),
  guidance_scale: z.number().min(0).max(50),
  target_pixels: z.int().min(65_536).max(8_294_400),
  concepts: z.record(
    z.enum(CONCEPTS),
    z.strictObject({ style: text, strength: z.number().min(0).max(1) }),
  ),
  openai: z.strictObject({
    extra_fields: z.boolean(),
    response_format: z.enum(['b64_json', 'url']).nullable(),
  }),
  sdapi: z.strictObject({ sampler_name: z.string().nullable() }),
  kserve: z.strictObject({
    image: tensorName,
    prompt: tensorName,
    negative_prompt: tensorName.nullable(),
    strength: tensorName.nullable(),
    seed: tensorName.nullable(),
    output: tensorName,
  }),
});

/** `models/custom/inference.json`: what we send beside photo and prompt. */
export type InferenceSettings = z.infer<typeof inferenceFile>;

/** @throws ConfigurationError when the file is missing or incomplete */
export const loadInferenceSettings = (folder: string): InferenceSettings => {
  try {
    const json: unknown = JSON.parse(readFileSync(join(folder, 'inference.json'), 'utf8'));
    return inferenceFile.parse(json);
  } catch {
    throw new ConfigurationError([`${folder}/inference.json is missing or incomplete`]);
  }
};
