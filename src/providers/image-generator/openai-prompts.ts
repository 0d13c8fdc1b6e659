import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { ConfigurationError } from '../../common/errors/errors.js';
import { type Concept, CONCEPTS } from '../../generation/domain/concept.js';

const QUALITIES = ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type DrawingQuality = (typeof QUALITIES)[number];

const text = z.string().min(1).max(4_000);
const promptFile = z.strictObject({
  template: text.includes('{prompt}').includes('{keep}'),
  text_only_template: text.includes('{prompt}'),
  keep: text,
  avoid: text,
  target_pixels: z.int().min(65_536).max(8_294_400),
  concepts: z.record(
    z.enum(CONCEPTS),
    z.strictObject({ style: text, quality: z.enum(QUALITIES).nullable() }),
  ),
});

/** What OpenAI is told for each concept; configuration in a file, since prompts change more than code. */
export class OpenAiPrompts {
  private constructor(private readonly file: z.infer<typeof promptFile>) {}

  /** @throws ConfigurationError when the file is missing or incomplete */
  static load(folder: string): OpenAiPrompts {
    try {
      const json: unknown = JSON.parse(readFileSync(join(folder, 'concepts.json'), 'utf8'));
      return new OpenAiPrompts(promptFile.parse(json));
    } catch {
      throw new ConfigurationError([`${folder}/concepts.json is missing or incomplete`]);
    }
  }

  get targetPixels(): number {
    return this.file.target_pixels;
  }

  /** For models that see the photo: says first what must stay. */
  forEdit(concept: Concept, prompt: string): string {
    return this.fill(this.file.template, concept, prompt);
  }

  /** For models that draw from text alone. */
  forText(concept: Concept, prompt: string): string {
    return this.fill(this.file.text_only_template, concept, prompt);
  }

  quality(concept: Concept): DrawingQuality | null {
    return this.file.concepts[concept].quality;
  }

  private fill(template: string, concept: Concept, prompt: string): string {
    const { keep, avoid, concepts } = this.file;
    const { style } = concepts[concept];
    const parts: Readonly<Record<string, string>> = { keep, avoid, style, prompt };
    // One pass: braces inside a written prompt are text, not placeholders.
    return template.replaceAll(
      /\{(keep|avoid|style|prompt)\}/g,
      (_, name: string) => parts[name] ?? '',
    );
  }
}
