import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { ConfigurationError } from '../../common/errors/errors.js';

const usd = z.number().nonnegative();
const priceFile = z.strictObject({
  as_of: z.iso.date(),
  currency: z.literal('USD'),
  unit: z.literal('1M tokens'),
  sources: z.array(z.string()),
  models: z.record(
    z.string(),
    z.strictObject({
      text_input: usd,
      image_input: usd,
      output: usd,
      /** What one call is expected to cost, for budgets and for answers without `usage`. */
      typical_call: usd,
    }),
  ),
});

export interface TokenUsage {
  readonly textInput: number;
  readonly imageInput: number;
  readonly output: number;
}

const TOKENS = 1_000_000;
const SNAPSHOT = /-\d{4}-\d{2}-\d{2}$/;

/** Tokens times price. Prices are data with a date, not code: vendors change them. */
export class PriceTable {
  private constructor(private readonly file: z.infer<typeof priceFile>) {}

  /** @throws ConfigurationError when the file is missing or is no price table */
  static load(folder: string): PriceTable {
    try {
      const text = readFileSync(join(folder, 'prices.json'), 'utf8');
      return new PriceTable(priceFile.parse(JSON.parse(text)));
    } catch {
      throw new ConfigurationError([`${folder}/prices.json is missing or is not a price table`]);
    }
  }

  /** For a service that pays nobody. */
  static empty(): PriceTable {
    return new PriceTable({
      as_of: '1970-01-01',
      currency: 'USD',
      unit: '1M tokens',
      sources: [],
      models: {},
    });
  }

  get asOf(): string {
    return this.file.as_of;
  }

  knows(model: string): boolean {
    return this.find(model) !== undefined;
  }

  /** US dollars of one call; null when the model's price or the usage is unknown, never 0. */
  priceOf(model: string, usage: TokenUsage | undefined): number | null {
    const price = this.find(model);
    if (!price || !usage) return null;
    const sum =
      usage.textInput * price.text_input +
      usage.imageInput * price.image_input +
      usage.output * price.output;
    return Math.round(sum) / TOKENS;
  }

  /** What to hold back for a call before it is made; 0 when nothing is known. */
  estimateOf(model: string): number {
    return this.find(model)?.typical_call ?? 0;
  }

  private find(model: string): z.infer<typeof priceFile>['models'][string] | undefined {
    const { models } = this.file;
    return models[model] ?? models[model.replace(SNAPSHOT, '')];
  }
}
