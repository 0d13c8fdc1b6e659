import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';

import { LRUCache } from 'lru-cache';

import { cacheLookups } from '../../common/telemetry/cache-lookups.js';
import { type ClassifierConfig } from '../../config/classifier.config.js';
import { type IntakeConfig } from '../../config/intake.config.js';
import { type ImageLimits } from '../../imaging/open-photo.js';
import {
  classifierUnavailable,
  type DeskClassifier,
  type DeskClassifierInfo,
  type DeskVerdict,
  type PhotoSize,
} from './desk-classifier.port.js';
import { lowerPoolPriority } from '../../common/workers/thread-priority.js';
import { classifyPhases } from './desk-classifier.diagnostics.js';
import { hasModel } from './model-manifest.js';
import { findUnfitness, measurePhoto } from './photo-fitness.js';
import { preprocess, preprocessParts } from './preprocess.js';
import { type ModelAnswer, RunningModel } from './running-model.js';

const MAX_DEFAULT_THREADS = 4;

/** The desk classifier: decode in libuv's threads, inference in worker threads, nothing heavy on the event loop. */
export class OnnxDeskClassifier implements DeskClassifier {
  private readonly remembered: LRUCache<string, DeskVerdict> | undefined;

  private constructor(
    private model: RunningModel | undefined,
    private readonly config: ClassifierConfig,
    private readonly limits: ImageLimits,
  ) {
    this.remembered = config.cacheSize > 0 ? new LRUCache({ max: config.cacheSize }) : undefined;
  }

  /**
   * Loads, checks and warms the model.
   *
   * @param isOptional whether an empty or missing model folder is no fault
   * @throws ConfigurationError
   */
  static async start(
    config: ClassifierConfig,
    intake: IntakeConfig,
    isOptional = false,
  ): Promise<OnnxDeskClassifier> {
    const isWanted = !isOptional || (await hasModel(config.modelDir));
    return new OnnxDeskClassifier(isWanted ? await startModel(config) : undefined, config, {
      maxPixels: intake.maxPixels,
      timeoutMs: intake.decodeTimeoutMs,
    });
  }

  async classify(image: Buffer, signal?: AbortSignal, size?: PhotoSize): Promise<DeskVerdict> {
    signal?.throwIfAborted();
    const { model } = this;
    if (!model) throw classifierUnavailable();
    const key = this.remembered && `${model.id} ${sha256(image)}`;
    const known = key && this.remembered?.get(key);
    if (key) cacheLookups.tell({ cache: 'verdicts', isHit: known !== undefined });
    if (known) return known;
    const verdict = await model.use(() => this.judge(image, model, signal, size));
    if (key) this.remembered?.set(key, verdict);
    return verdict;
  }

  info(): DeskClassifierInfo | null {
    return this.model ? this.describe(this.model) : null;
  }

  isReady(): boolean {
    return this.model?.isAlive ?? false;
  }

  async reload(): Promise<DeskClassifierInfo> {
    const old = this.model;
    const fresh = await startModel(this.config);
    this.model = fresh;
    // A changed file under the same name and version must not answer with the old one's verdicts.
    this.remembered?.clear();
    await old?.close();
    return this.describe(fresh);
  }

  /** Finishes the photos that were accepted and ends the threads. */
  async close(): Promise<void> {
    await this.model?.close();
  }

  private async judge(
    image: Buffer,
    model: RunningModel,
    signal: AbortSignal | undefined,
    size: PhotoSize | undefined,
  ): Promise<DeskVerdict> {
    const { input } = model.loaded.manifest;
    const { tensor, pixels, shortSidePx } = await classifyPhases.run({ phase: 'decode' }, () =>
      preprocess(image, input, this.limits, size),
    );
    signal?.throwIfAborted();
    const unfit = findUnfitness(measurePhoto(pixels, shortSidePx));
    const whole = await classifyPhases.run({ phase: 'infer' }, () => model.run(tensor));
    signal?.throwIfAborted();
    // An unfit photo is refused whatever it shows.
    const confidence = unfit ? whole.confidence : await this.resolveDoubt(whole, image, model);
    const isDesk = confidence >= this.thresholdOf(model);
    // The screenshot head explains a no; it has met too few real screenshots to overrule a yes.
    const reason = unfit ?? (isDesk ? null : whole.isScreenshot ? 'screenshot' : 'no_desk');
    return { isDesk: reason === null, confidence, reason, model: model.id, tags: whole.tags };
  }

  /** The probability, after closer looks where the first one left doubt. */
  private async resolveDoubt(
    whole: ModelAnswer,
    image: Buffer,
    model: RunningModel,
  ): Promise<number> {
    const doubt = model.doubtAbout(whole);
    if (!doubt) return whole.confidence;
    const { input } = model.loaded.manifest;
    return classifyPhases.run({ phase: 'second_look' }, async () => {
      const parts = await preprocessParts(image, input, this.limits, doubt.scale);
      return model.lookAgain(whole, parts, doubt);
    });
  }

  private describe(model: RunningModel): DeskClassifierInfo {
    const { name, version, sha256: checksum, input } = model.loaded.manifest;
    return {
      name,
      version,
      sha256: checksum,
      threshold: this.thresholdOf(model),
      inputWidth: input.width,
      inputHeight: input.height,
    };
  }

  private thresholdOf(model: RunningModel): number {
    return this.config.threshold ?? model.loaded.manifest.threshold;
  }
}

const startModel = async (config: ClassifierConfig): Promise<RunningModel> => {
  const model = await RunningModel.start(config.modelDir, {
    threads: config.threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism()),
    queueLimit: config.queueLimit,
    nice: config.nice,
  });
  await lowerPoolPriority(config.nice);
  return model;
};

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64');
