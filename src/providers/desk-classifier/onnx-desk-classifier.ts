import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';

import { LRUCache } from 'lru-cache';

import { type ClassifierConfig } from '../../config/classifier.config.js';
import { type IntakeConfig } from '../../config/intake.config.js';
import {
  type DeskClassifier,
  type DeskClassifierInfo,
  type DeskVerdict,
} from './desk-classifier.port.js';
import { findUnfitness, measurePhoto } from './photo-fitness.js';
import { preprocess } from './preprocess.js';
import { RunningModel } from './running-model.js';

const MAX_DEFAULT_THREADS = 4;

/** The desk classifier: decode in libuv's threads, inference in worker threads, nothing heavy on the event loop. */
export class OnnxDeskClassifier implements DeskClassifier {
  private readonly remembered: LRUCache<string, DeskVerdict> | undefined;

  private constructor(
    private model: RunningModel,
    private readonly config: ClassifierConfig,
    private readonly limits: { readonly maxPixels: number; readonly timeoutMs: number },
  ) {
    this.remembered = config.cacheSize > 0 ? new LRUCache({ max: config.cacheSize }) : undefined;
  }

  /** Loads, checks and warms the model. @throws ConfigurationError */
  static async start(config: ClassifierConfig, intake: IntakeConfig): Promise<OnnxDeskClassifier> {
    return new OnnxDeskClassifier(await startModel(config), config, {
      maxPixels: intake.maxPixels,
      timeoutMs: intake.decodeTimeoutMs,
    });
  }

  async classify(image: Buffer, signal?: AbortSignal): Promise<DeskVerdict> {
    signal?.throwIfAborted();
    const { model } = this;
    const key = this.remembered && `${model.id} ${sha256(image)}`;
    const known = key && this.remembered?.get(key);
    if (known) return known;
    const verdict = await model.use(() => this.judge(image, model, signal));
    if (key) this.remembered?.set(key, verdict);
    return verdict;
  }

  info(): DeskClassifierInfo {
    const { name, version, sha256: checksum, input } = this.model.loaded.manifest;
    return {
      name,
      version,
      sha256: checksum,
      threshold: this.thresholdOf(this.model),
      inputWidth: input.width,
      inputHeight: input.height,
    };
  }

  isReady(): boolean {
    return this.model.isAlive;
  }

  async reload(): Promise<DeskClassifierInfo> {
    const old = this.model;
    this.model = await startModel(this.config);
    // A changed file under the same name and version must not answer with the old one's verdicts.
    this.remembered?.clear();
    await old.close();
    return this.info();
  }

  /** Finishes the photos that were accepted and ends the threads. */
  async close(): Promise<void> {
    await this.model.close();
  }

  private async judge(
    image: Buffer,
    model: RunningModel,
    signal: AbortSignal | undefined,
  ): Promise<DeskVerdict> {
    const { input } = model.loaded.manifest;
    const { tensor, pixels, shortSidePx } = await preprocess(image, input, this.limits);
    signal?.throwIfAborted();
    const unfit = findUnfitness(measurePhoto(pixels, shortSidePx));
    const { confidence, isScreenshot, tags } = await model.run(tensor);
    const isDesk = confidence >= this.thresholdOf(model);
    // The screenshot head explains a no; it has met too few real screenshots to overrule a yes.
    const reason = unfit ?? (isDesk ? null : isScreenshot ? 'screenshot' : 'no_desk');
    return { isDesk: reason === null, confidence, reason, model: model.id, tags };
  }

  private thresholdOf(model: RunningModel): number {
    return this.config.threshold ?? model.loaded.manifest.threshold;
  }
}

const startModel = (config: ClassifierConfig): Promise<RunningModel> =>
  RunningModel.start(config.modelDir, {
    threads: config.threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism()),
    queueLimit: config.queueLimit,
  });

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64');
