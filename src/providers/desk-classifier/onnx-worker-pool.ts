import { Worker } from 'node:worker_threads';

import { ConfigurationError, ProviderError } from '../../common/errors/errors.js';
import { resolveWorker } from '../../common/workers/worker-url.js';
import { shedPhotos } from './desk-classifier.diagnostics.js';
import { type WorkerReply, type WorkerRequest, type WorkerSetup } from './onnx-worker.protocol.js';
import { type InputTensor } from './preprocess.js';

export type ModelOutputs = Readonly<Record<string, Float32Array>>;

interface Job {
  readonly tensor: InputTensor;
  readonly resolve: (outputs: ModelOutputs) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  job: Job | undefined;
  isAlive: boolean;
}

/** How long a caller waits before trying a full queue again, in milliseconds. */
const RETRY_AFTER_MS = 1_000;

/** Threads with one session each and one bounded queue in front of them. */
export class OnnxWorkerPool {
  private readonly queue: Job[] = [];
  private nextId = 0;
  private isClosed = false;

  private constructor(
    private readonly threads: readonly Thread[],
    readonly outputNames: readonly string[],
    private readonly queueLimit: number,
  ) {
    for (const thread of threads) this.attach(thread);
  }

  /** @throws ConfigurationError when the model cannot be loaded or lacks the input */
  static async start(
    setup: WorkerSetup,
    options: { readonly threads: number; readonly queueLimit: number },
  ): Promise<OnnxWorkerPool> {
    const started = await Promise.allSettled(
      Array.from({ length: options.threads }, () => startThread(setup)),
    );
    const ready = started.filter((one) => one.status === 'fulfilled').map((one) => one.value);
    const failed = started.find((one) => one.status === 'rejected');
    if (failed) {
      for (const { worker } of ready) worker.postMessage({ kind: 'close' } satisfies WorkerRequest);
      throw failed.reason;
    }
    const threads = ready.map(({ worker }) => ({ worker, job: undefined, isAlive: true }));
    return new OnnxWorkerPool(threads, ready[0]?.outputNames ?? [], options.queueLimit);
  }

  /** @throws ProviderError `provider_unavailable` when the queue is full or the pool is closed */
  run(tensor: InputTensor): Promise<ModelOutputs> {
    return this.enqueue(tensor, this.queue.length < this.queueLimit);
  }

  /**
   * For a photo that was let in before: what was begun is not refused for want of room.
   * @throws ProviderError `provider_unavailable` when the pool is closed
   */
  runMore(tensor: InputTensor): Promise<ModelOutputs> {
    return this.enqueue(tensor, true);
  }

  get isAlive(): boolean {
    return this.threads.some((thread) => thread.isAlive);
  }

  /** Finishes what was accepted, then ends the threads one by one without ever terminating a run. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    while (this.queue.length > 0 || this.threads.some((thread) => thread.job)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(
      this.threads
        .filter((thread) => thread.isAlive)
        .map(({ worker }) => {
          const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
          worker.postMessage({ kind: 'close' } satisfies WorkerRequest);
          return exited;
        }),
    );
  }

  private enqueue(tensor: InputTensor, hasRoom: boolean): Promise<ModelOutputs> {
    const isGone = this.isClosed || !this.isAlive;
    if (isGone || !hasRoom) {
      if (!isGone) shedPhotos.tell({ at: 'model' });
      const reason = isGone ? 'is not running' : 'has too many photos waiting';
      return Promise.reject(unavailable(`The desk classifier ${reason}. Try again shortly.`));
    }
    return new Promise((resolve, reject) => {
      this.queue.push({ tensor, resolve, reject });
      this.dispatch();
    });
  }

  private attach(thread: Thread): void {
    thread.worker.on('message', (reply: WorkerReply) => {
      const { job } = thread;
      thread.job = undefined;
      if (reply.kind === 'result') job?.resolve(reply.outputs);
      else if (reply.kind === 'failure') job?.reject(failed(reply.message));
      this.dispatch();
    });
    // An error that reaches this event has ended the thread; the others carry on without it.
    thread.worker.on('error', (error) => {
      thread.isAlive = false;
      thread.job?.reject(failed(error.message));
      thread.job = undefined;
      if (!this.isAlive) for (const job of this.queue.splice(0)) job.reject(failed(error.message));
    });
  }

  private dispatch(): void {
    for (const thread of this.threads) {
      if (thread.job || !thread.isAlive) continue;
      const job = this.queue.shift();
      if (!job) return;
      thread.job = job;
      const { data, dims } = job.tensor;
      this.nextId += 1;
      const request: WorkerRequest = { kind: 'run', id: this.nextId, data, dims };
      thread.worker.postMessage(request, [data.buffer as ArrayBuffer]);
    }
  }
}

const unavailable = (message: string): ProviderError =>
  new ProviderError('provider_unavailable', message, {
    provider: 'onnx',
    operation: 'classify',
    retryAfterMs: RETRY_AFTER_MS,
  });

const failed = (message: string): ProviderError =>
  new ProviderError('provider_failed', 'The desk classifier could not process this photo.', {
    provider: 'onnx',
    operation: 'classify',
    cause: new Error(message),
  });

const startThread = (
  setup: WorkerSetup,
): Promise<{ worker: Worker; outputNames: readonly string[] }> =>
  new Promise((resolve, reject) => {
    const { url, execArgv } = resolveWorker('./onnx.worker', import.meta.url);
    const worker = new Worker(url, { workerData: setup, execArgv: [...execArgv] });
    worker.once('error', (error) =>
      reject(
        new ConfigurationError([
          `The classifier's model ${setup.modelPath} cannot be loaded: ${error.message}`,
        ]),
      ),
    );
    worker.once('message', (reply: WorkerReply) => {
      if (reply.kind !== 'ready') return;
      if (!reply.inputNames.includes(setup.inputName)) {
        worker.postMessage({ kind: 'close' } satisfies WorkerRequest);
        const names = reply.inputNames.join(', ');
        reject(
          new ConfigurationError([
            `The classifier's model has no input "${setup.inputName}"; it has ${names}`,
          ]),
        );
        return;
      }
      resolve({ worker, outputNames: reply.outputNames });
    });
  });
