import { classifications } from '../../providers/desk-classifier/desk-classifier.diagnostics.js';
import { type DeskClassifier } from '../../providers/desk-classifier/desk-classifier.port.js';
import { type CheckedResult, type DrawnImage } from '../domain/generation.js';
import { type WorkingImages } from '../working-images.js';

/** The classifier looks at the drawn picture. A doubt is a warning: the picture has been paid for. */
export class CheckResultStep {
  constructor(
    private readonly classifier: DeskClassifier,
    private readonly images: WorkingImages,
  ) {}

  async run(drawn: DrawnImage, signal: AbortSignal): Promise<CheckedResult> {
    const image = await this.images.get(drawn.name, signal);
    const verdict = await classifications.run({ use: 'result' }, () =>
      this.classifier.classify(image, signal),
    );
    return { isDesk: verdict.isDesk, confidence: verdict.confidence };
  }
}
