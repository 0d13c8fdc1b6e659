import { type FetchedImage, type StoredInput } from '../domain/generation.js';
import { inputName } from '../domain/result-names.js';
import { type WorkingImages } from '../working-images.js';

/** Keeps the photo for as long as the task: only now it is known to be a desk. */
export class StoreInputStep {
  constructor(private readonly images: WorkingImages) {}

  async run(taskId: string, fetched: FetchedImage, signal: AbortSignal): Promise<StoredInput> {
    const name = inputName(taskId);
    await this.images.put(name, await this.images.get(fetched.name, signal), signal);
    return { name, width: fetched.width, height: fetched.height };
  }
}
