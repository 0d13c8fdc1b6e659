import { Inject, Injectable } from '@nestjs/common';

import { classifierConfig, type ClassifierConfig } from '../config/classifier.config.js';
import { ImageDecoder } from '../imaging/image-decoder.js';
import {
  classifierUnavailable,
  DESK_CLASSIFIER,
  type DeskClassifier,
  type DeskVerdict,
} from '../providers/desk-classifier/desk-classifier.port.js';
import { type MockScenario } from '../mock-scenarios/mock-scenario.js';
import { MockScenarios } from '../mock-scenarios/mock-scenarios.js';
import {
  classifications,
  classifyPhases,
} from '../providers/desk-classifier/desk-classifier.diagnostics.js';
import { IMAGE_SOURCE, type ImageSource } from '../providers/image-source/image-source.port.js';
import { ClassifyAdmission } from './classify-admission.js';
import { ClassifyFollowUps } from './classify-follow-ups.js';
import { type ClassifyRequest, type ClassifyResponse } from './dto/classify.dto.js';
import { VERDICT_TIPS } from './verdict-tip.js';

export interface AskedVerdict {
  readonly body: ClassifyRequest;
  readonly owner: string;
  readonly scenario: MockScenario | undefined;
}

/** Is this photo a desk, and what follows when it is. */
@Injectable()
export class ClassifyService {
  constructor(
    @Inject(DESK_CLASSIFIER) private readonly classifier: DeskClassifier,
    @Inject(IMAGE_SOURCE) private readonly source: ImageSource,
    @Inject(classifierConfig.KEY) private readonly config: ClassifierConfig,
    private readonly decoder: ImageDecoder,
    private readonly followUp: ClassifyFollowUps,
    private readonly admission: ClassifyAdmission,
    private readonly scenarios: MockScenarios,
  ) {}

  async classify(asked: AskedVerdict, signal: AbortSignal): Promise<ClassifyResponse> {
    const { body, scenario } = asked;
    const classifier = scenario ? this.scenarios.classifierOf(scenario) : this.classifier;
    // The download would be for nothing.
    if (!classifier.isReady()) throw classifierUnavailable();
    const verdict = await classifications.run({ use: 'request' }, () =>
      this.admission.admit(async (useCpu) => {
        const bytes = await classifyPhases.run({ phase: 'fetch' }, () =>
          this.source.fetch(body.initial_image_url, signal),
        );
        return useCpu(() => this.judge(bytes, classifier, signal)).finally(() =>
          this.source.release(bytes),
        );
      }),
    );
    const taskId = verdict.isDesk ? await this.follow(asked) : null;
    return toResponse(body.initial_image_url, verdict, taskId);
  }

  private async judge(
    bytes: Buffer,
    classifier: DeskClassifier,
    signal: AbortSignal,
  ): Promise<DeskVerdict> {
    signal.throwIfAborted();
    const photo = await this.decoder.inspect(bytes);
    return classifier.classify(photo.bytes, signal, photo);
  }

  private async follow({ body, owner, scenario }: AskedVerdict): Promise<string | null> {
    switch (this.config.followUp) {
      case 'none':
        return null;
      case 'callback':
        await this.followUp.callBack(body);
        return null;
      case 'generate':
        return this.followUp.generate(body, owner, scenario);
      default:
        return this.config.followUp satisfies never;
    }
  }
}

const toResponse = (
  initialImageUrl: string,
  verdict: DeskVerdict,
  taskId: string | null,
): ClassifyResponse => ({
  initial_image_url: initialImageUrl,
  classify: verdict.isDesk,
  confidence: verdict.confidence,
  reason: verdict.reason,
  tip: verdict.reason && VERDICT_TIPS[verdict.reason],
  model: verdict.model,
  task_id: taskId,
});
