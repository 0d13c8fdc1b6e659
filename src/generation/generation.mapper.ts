import { type JsonObject, type Task } from '../tasks/task.js';
import { DEFAULT_CONCEPT } from './domain/concept.js';
import {
  generationInput,
  type GenerationInput,
  generationResult,
  type GenerationResult,
} from './domain/generation.js';

const toProducts = (groups: GenerationResult['groups']): JsonObject[] =>
  (groups ?? []).map(({ keyword, details }) => ({
    keyword,
    details: details.map((product) => ({
      title: product.title,
      price: String(product.priceKrw),
      mall: product.mall,
      link: product.link,
      image: product.imageUrl,
      main_category: product.mainCategory,
      sub_category: product.subCategory,
    })),
  }));

/** Rows of another version of the service are shown as far as they are understood. */
const readInput = (input: JsonObject): Pick<GenerationInput, 'initialImageUrl' | 'concept'> => {
  const parsed = generationInput.safeParse(input);
  if (parsed.success) return parsed.data;
  const url = input['initialImageUrl'];
  return { initialImageUrl: typeof url === 'string' ? url : '', concept: DEFAULT_CONCEPT };
};

const readResult = (result: JsonObject): GenerationResult =>
  generationResult.safeParse(result).data ?? {};

/** The generation's part of a task's JSON. A task that ended badly shows no half of a result. */
export const toGenerationResource = (
  task: Task,
  publicUrl: (imageName: string) => string,
): JsonObject => {
  const { initialImageUrl, concept } = readInput(task.input);
  const hasFailed =
    task.status === 'failed' || task.status === 'rejected' || task.status === 'canceled';
  const result = readResult(task.result);
  return {
    initial_image_url: initialImageUrl,
    processed_image_url: result.processed && !hasFailed ? publicUrl(result.processed.name) : null,
    products: hasFailed ? [] : toProducts(result.groups),
    concept,
    prompt: result.prompt ?? null,
    items: result.items ?? [],
    provider: {
      vision: result.vision ?? null,
      image: result.image ?? null,
      products: result.products === undefined || result.products === '' ? null : result.products,
    },
  };
};
