import { markAsAiMade } from '../../imaging/ai-mark.js';
import { type DrawnImage, type StoredResult } from '../domain/generation.js';
import { resultName } from '../domain/result-names.js';
import { type WorkingImages } from '../working-images.js';

/** Publishes the picture under its permanent name, marked as made by AI. */
export class StoreResultStep {
  constructor(private readonly images: WorkingImages) {}

  async run(taskId: string, drawn: DrawnImage, signal: AbortSignal): Promise<StoredResult> {
    const name = resultName(taskId);
    const picture = await this.images.get(drawn.name, signal);
    await this.images.put(name, markAsAiMade(picture), signal);
    return { name, width: drawn.width, height: drawn.height };
  }
}
