import { availableParallelism } from 'node:os';

import { ConfigurationError } from '../../common/errors/errors.js';
import { type ClassifierConfig } from '../../config/classifier.config.js';
import { type IntakeConfig } from '../../config/intake.config.js';
import {
  type DeskClassifier,
  type DeskClassifierInfo,
  type DeskVerdict,
  type ImageTag,
} from './desk-classifier.port.js';
import { type DeskOutput, type LoadedModel, loadModel } from './model-manifest.js';
import { type ModelOutputs, OnnxWorkerPool } from './onnx-worker-pool.js';
import { findUnfitness, measurePhoto } from './photo-fitness.js';
import { preprocess } from './preprocess.js';

const MAX_DEFAULT_THREADS = 4;
const TAG_COUNT = 10;

/** The desk classifier: decode in libuv's threads, inference in worker threads, nothing on the event loop. */
export class OnnxDeskClassifier implements DeskClassifier {
  private constructor(
    private readonly model: LoadedModel,
    private readonly pool: OnnxWorkerPool,
    private readonly threshold: number,
    private readonly limits: { readonly maxPixels: number; readonly timeoutMs: number },
  ) {}

  /** Loads, checks and warms the model. @throws ConfigurationError */
  static async start(config: ClassifierConfig, intake: IntakeConfig): Promise<OnnxDeskClassifier> {
    const model = await loadModel(config.modelDir);
    const threads = config.threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism());
    const pool = await OnnxWorkerPool.start(
      { modelPath: model.modelPath, inputName: model.manifest.input.name, intraOpThreads: 1 },
      { threads, queueLimit: config.queueLimit },
    );
    const classifier = new OnnxDeskClassifier(
      model,
      pool,
      config.threshold ?? model.manifest.threshold,
      { maxPixels: intake.maxPixels, timeoutMs: intake.decodeTimeoutMs },
    );
    try {
      await classifier.warmUp(threads);
    } catch (error) {
      await pool.close();
      throw error;
    }
    return classifier;
  }

  async classify(image: Buffer, signal?: AbortSignal): Promise<DeskVerdict> {
    signal?.throwIfAborted();
    const [tensor, measured] = await Promise.all([
      preprocess(image, this.model.manifest.input, this.limits),
      measurePhoto(image, this.limits),
    ]);
    signal?.throwIfAborted();
    return this.toVerdict(await this.pool.run(tensor), findUnfitness(measured));
  }

  info(): DeskClassifierInfo {
    const { manifest } = this.model;
    return {
      name: manifest.name,
      version: manifest.version,
      sha256: manifest.sha256,
      threshold: this.threshold,
      inputWidth: manifest.input.width,
      inputHeight: manifest.input.height,
    };
  }

  isReady(): boolean {
    return true;
  }

  /** Finishes the photos that were accepted and ends the threads. */
  async close(): Promise<void> {
    await this.pool.close();
  }

  private toVerdict(outputs: ModelOutputs, unfit: DeskVerdict['reason']): DeskVerdict {
    const { manifest } = this.model;
    const confidence = probabilityOf(outputs, manifest.desk);
    const isScreenshot =
      manifest.screenshot !== null &&
      manifest.screenshot !== undefined &&
      probabilityOf(outputs, manifest.screenshot) >= manifest.screenshot.threshold;
    const reason =
      unfit ?? (isScreenshot ? 'screenshot' : confidence < this.threshold ? 'no_desk' : null);
    return {
      isDesk: reason === null,
      confidence,
      reason,
      model: `${manifest.name}@${manifest.version}`,
      tags: this.tagsOf(outputs),
    };
  }

  private tagsOf(outputs: ModelOutputs): ImageTag[] {
    const { tags } = this.model.manifest;
    const values = tags && outputs[tags.output];
    if (!values) return [];
    const probabilities = tags.activation === 'softmax' ? softmax(values) : values;
    return Array.from(probabilities, (probability, index) => ({
      label: this.model.labels[index] ?? `class ${index}`,
      probability,
    }))
      .toSorted((a, b) => b.probability - a.probability)
      .slice(0, TAG_COUNT);
  }

  /** The first run of a session allocates; and it shows whether the outputs fit the manifest. */
  private async warmUp(threads: number): Promise<void> {
    const { input, desk, tags, screenshot } = this.model.manifest;
    const named = [desk.output, tags?.output, screenshot?.output].filter(
      (name) => name !== undefined,
    );
    const missing = named.filter((name) => !this.pool.outputNames.includes(name));
    if (missing.length > 0) {
      const has = this.pool.outputNames.join(', ');
      throw new ConfigurationError([
        `The classifier's model has no output ${missing.join(', ')}; it has ${has}`,
      ]);
    }
    const dims =
      input.layout === 'NHWC'
        ? [1, input.height, input.width, 3]
        : [1, 3, input.height, input.width];
    const size = input.width * input.height * 3;
    await Promise.all(
      Array.from({ length: threads }, () =>
        this.pool.run({
          data: input.dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size),
          dims,
        }),
      ),
    );
  }
}

const probabilityOf = (outputs: ModelOutputs, desk: DeskOutput): number => {
  const values = outputs[desk.output] ?? new Float32Array(1);
  const value = values[desk.index] ?? 0;
  switch (desk.activation) {
    case 'none':
      return clamp(value);
    case 'sigmoid':
      return clamp(1 / (1 + Math.exp(-value / desk.temperature)));
    case 'softmax':
      return clamp(softmax(values.map((one) => one / desk.temperature))[desk.index] ?? 0);
    default:
      return desk.activation satisfies never;
  }
};

const clamp = (value: number): number =>
  Number.isFinite(value) ? Number(Math.min(1, Math.max(0, value)).toFixed(6)) : 0;

const softmax = (values: Float32Array): Float32Array => {
  const max = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const exps = values.map((value) => Math.exp(value - max));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((value) => value / sum);
};
