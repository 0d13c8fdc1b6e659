import { classifications } from '../../providers/desk-classifier/desk-classifier.diagnostics.js';
import { type DeskClassifier } from '../../providers/desk-classifier/desk-classifier.port.js';
import { type Classification, type FetchedImage } from '../domain/generation.js';
import { type WorkingImages } from '../working-images.js';

/** Returns the verdict; what a "no" means for the task is the pipeline's decision. */
export class ClassifyStep {
  constructor(
    private readonly classifier: DeskClassifier,
    private readonly images: WorkingImages,
  ) {}

  async run(fetched: FetchedImage, signal: AbortSignal): Promise<Classification> {
    const image = await this.images.get(fetched.name, signal);
    const verdict = await classifications.run({ use: 'task' }, () =>
      this.classifier.classify(image, signal),
    );
    return { ...verdict, tags: verdict.tags.map((tag) => ({ ...tag })) };
  }
}
