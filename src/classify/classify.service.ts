import { Inject, Injectable } from '@nestjs/common';

import { classifierConfig, type ClassifierConfig } from '../config/classifier.config.js';
import { ImageDecoder } from '../imaging/image-decoder.js';
import {
  DESK_CLASSIFIER,
  type DeskClassifier,
  type DeskVerdict,
} from '../providers/desk-classifier/desk-classifier.port.js';
import { IMAGE_SOURCE, type ImageSource } from '../providers/image-source/image-source.port.js';
import { ClassifyAdmission } from './classify-admission.js';
import { ClassifyFollowUps } from './classify-follow-ups.js';
import { type ClassifyRequest, type ClassifyResponse } from './dto/classify.dto.js';
import { VERDICT_TIPS } from './verdict-tip.js';

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
  ) {}

  async classify(
    request: ClassifyRequest,
    owner: string,
    signal: AbortSignal,
  ): Promise<ClassifyResponse> {
    const verdict = await this.admission.admit(async (useCpu) => {
      const bytes = await this.source.fetch(request.initial_image_url, signal);
      return useCpu(() => this.judge(bytes, signal));
    });
    const taskId = verdict.isDesk ? await this.follow(request, owner) : null;
    return toResponse(request.initial_image_url, verdict, taskId);
  }

  private async judge(bytes: Buffer, signal: AbortSignal): Promise<DeskVerdict> {
    signal.throwIfAborted();
    const { bytes: photo } = await this.decoder.inspect(bytes);
    return this.classifier.classify(photo, signal);
  }

  private async follow(request: ClassifyRequest, owner: string): Promise<string | null> {
    switch (this.config.followUp) {
      case 'none':
        return null;
      case 'callback':
        await this.followUp.callBack(request);
        return null;
      case 'generate':
        return this.followUp.generate(request, owner);
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
