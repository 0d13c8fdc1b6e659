import { ConfigurationError } from '../../common/errors/errors.js';
import { type DeskVerdict, type ImageTag } from './desk-classifier.port.js';
import { type DeskOutput, type LoadedModel, loadModel, type SecondLook } from './model-manifest.js';
import { type ModelOutputs, OnnxWorkerPool } from './onnx-worker-pool.js';
import { type InputTensor } from './preprocess.js';

const TAG_COUNT = 10;

/** What the model alone says about a photo. */
export interface ModelAnswer {
  /** Probability that the photo shows a desk, 0 to 1. */
  readonly confidence: number;
  /** What that was computed from: the value of the desk output as it is. */
  readonly desk: number;
  readonly isScreenshot: boolean;
  readonly tags: readonly ImageTag[];
}

/** One version of the model with its threads, loaded and warm. */
export class RunningModel {
  /** `<name>@<version>`. */
  readonly id: DeskVerdict['model'];
  private users = 0;
  private onUnused: (() => void) | undefined;

  private constructor(
    readonly loaded: LoadedModel,
    private readonly pool: OnnxWorkerPool,
  ) {
    this.id = `${loaded.manifest.name}@${loaded.manifest.version}`;
  }

  /** @throws ConfigurationError when the folder, the file or the manifest is wrong */
  static async start(
    directory: string,
    options: { readonly threads: number; readonly queueLimit: number; readonly nice: number },
  ): Promise<RunningModel> {
    const loaded = await loadModel(directory);
    const { input } = loaded.manifest;
    const pool = await OnnxWorkerPool.start(
      { modelPath: loaded.modelPath, inputName: input.name, intraOpThreads: 1, nice: options.nice },
      options,
    );
    const model = new RunningModel(loaded, pool);
    try {
      model.assertOutputs();
      await model.warmUp(options.threads);
    } catch (error) {
      await pool.close();
      throw error;
    }
    return model;
  }

  /** False once a thread has died and none is left. */
  get isAlive(): boolean {
    return this.pool.isAlive;
  }

  /** Keeps the model open for as long as `work` runs, from decoding to the answer. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.users += 1;
    try {
      return await work();
    } finally {
      this.users -= 1;
      if (this.users === 0) this.onUnused?.();
    }
  }

  async run(tensor: InputTensor): Promise<ModelAnswer> {
    const outputs = await this.pool.run(tensor);
    const { desk, screenshot } = this.loaded.manifest;
    return {
      confidence: probabilityOf(outputs, desk),
      desk: valueOf(outputs, desk),
      isScreenshot: screenshot ? probabilityOf(outputs, screenshot) >= screenshot.threshold : false,
      tags: this.tagsOf(outputs),
    };
  }

  /** How to look again, when one look at the whole photo left doubt. */
  doubtAbout({ confidence }: ModelAnswer): SecondLook | undefined {
    const { second_look: look } = this.loaded.manifest;
    return look && confidence >= look.above && confidence < look.below ? look : undefined;
  }

  /**
   * The probability after closer looks. The whole, its middle and its strongest corner count the same;
   * near the bounds of doubt the whole alone counts more and more, so that no answer jumps there.
   *
   * @param parts the middle first
   */
  async lookAgain(
    whole: ModelAnswer,
    parts: readonly InputTensor[],
    { above, below, ramp, shift, temperature }: SecondLook,
  ): Promise<number> {
    const { desk } = this.loaded.manifest;
    const looks = await Promise.all(parts.map((part) => this.pool.runMore(part)));
    const [middle = whole.desk, ...corners] = looks.map((outputs) => valueOf(outputs, desk));
    const joined = ((whole.desk + middle + Math.max(...corners)) / 3 + shift) / temperature;
    const first = whole.desk / desk.temperature;
    const inside = Math.min(first - logit(above), logit(below) - first);
    const weight = Math.min(1, Math.max(0, inside / ramp));
    return clamp(sigmoid(first + weight * (joined - first)));
  }

  /** Finishes the photos that were accepted and ends the threads. */
  async close(): Promise<void> {
    if (this.users > 0) await new Promise<void>((resolve) => (this.onUnused = resolve));
    await this.pool.close();
  }

  private tagsOf(outputs: ModelOutputs): ImageTag[] {
    const { tags } = this.loaded.manifest;
    const values = tags && outputs[tags.output];
    if (!values) return [];
    const probabilities = tags.activation === 'softmax' ? softmax(values) : values;
    return topIndices(probabilities, TAG_COUNT).map((index) => ({
      label: this.loaded.labels[index] ?? `class ${index}`,
      probability: probabilities[index] ?? 0,
    }));
  }

  private assertOutputs(): void {
    const { desk, tags, screenshot } = this.loaded.manifest;
    const named = [desk.output, tags?.output, screenshot?.output];
    const missing = named.filter(
      (name) => name !== undefined && !this.pool.outputNames.includes(name),
    );
    if (missing.length === 0) return;
    const has = this.pool.outputNames.join(', ');
    throw new ConfigurationError([
      `The classifier's model has no output ${missing.join(', ')}; it has ${has}`,
    ]);
  }

  /** The first run of a session allocates memory; nobody's photo shall wait for that. */
  private async warmUp(threads: number): Promise<void> {
    const { width, height, layout, dtype } = this.loaded.manifest.input;
    const dims = layout === 'NHWC' ? [1, height, width, 3] : [1, 3, height, width];
    const size = width * height * 3;
    await Promise.all(
      Array.from({ length: threads }, () =>
        this.pool.run({
          data: dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size),
          dims,
        }),
      ),
    );
  }
}

const valueOf = (outputs: ModelOutputs, { output, index }: DeskOutput): number =>
  outputs[output]?.[index] ?? 0;

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

const logit = (probability: number): number => Math.log(probability / (1 - probability));

const probabilityOf = (outputs: ModelOutputs, output: DeskOutput): number => {
  const values = outputs[output.output] ?? new Float32Array(1);
  const value = valueOf(outputs, output);
  switch (output.activation) {
    case 'none':
      return clamp(value);
    case 'sigmoid':
      return clamp(sigmoid(value / output.temperature));
    case 'softmax':
      return clamp(softmax(values.map((one) => one / output.temperature))[output.index] ?? 0);
    default:
      return output.activation satisfies never;
  }
};

/** Indices of the largest values, largest first, in one pass: a thousand objects need no sorting. */
const topIndices = (values: Float32Array, count: number): number[] => {
  const top: number[] = [];
  let least = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (top.length === count && value <= least) continue;
    let at = top.length;
    while (at > 0 && (values[top[at - 1] ?? 0] ?? 0) < value) at -= 1;
    top.splice(at, 0, index);
    if (top.length > count) top.pop();
    least = values[top.at(-1) ?? 0] ?? 0;
  }
  return top;
};

const clamp = (value: number): number =>
  Number.isFinite(value) ? Number(Math.min(1, Math.max(0, value)).toFixed(6)) : 0;

const softmax = (values: Float32Array): Float32Array => {
  const max = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const exps = values.map((value) => Math.exp(value - max));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((value) => value / sum);
};
