import { Worker } from 'node:worker_threads';
import { resolveWorker } from '../../../common/workers/worker-url.js';
import { type RenderedPixels, type RenderJob } from './render-job.js';

/** An unused thread is ended after this time; it holds about 100 MB. */
const IDLE_MS = 30_000;

interface Waiting {
  readonly job: RenderJob;
  readonly resolve: (result: RenderedPixels) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One worker thread, started with the first job and reused. Jobs run one after the other: two at
 * once would only take turns on the same cores and need twice the memory. While nothing runs, the
 * thread does not keep the process alive.
 */
export class RenderThread {
  private worker: Worker | undefined;
  private running: Waiting | undefined;
  private readonly waiting: Waiting[] = [];
  private idleTimer: NodeJS.Timeout | undefined;
  private closed: Error | undefined;

  /**
   * Hands `job.pixels` over: the caller must not use them afterwards.
   *
   * @throws the reason of `signal` once it aborts, whatever ended the thread otherwise
   */
  async render(job: RenderJob, signal: AbortSignal): Promise<RenderedPixels> {
    signal.throwIfAborted();
    if (this.closed) {
      throw this.closed;
    }
    const { promise, resolve, reject } = Promise.withResolvers<RenderedPixels>();
    const entry: Waiting = { job, resolve, reject };
    const onAbort = (): void => this.drop(entry, signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.waiting.push(entry);
    this.runNext();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the thread; unfinished and later jobs fail with `reason`. */
  async close(reason: Error): Promise<void> {
    this.closed = reason;
    const unfinished = [...(this.running ? [this.running] : []), ...this.waiting.splice(0)];
    this.running = undefined;
    unfinished.forEach(({ reject }) => reject(reason));
    await this.stopWorker();
  }

  private runNext(): void {
    if (this.running) {
      return;
    }
    const next = this.waiting.shift();
    if (!next) {
      this.rest();
      return;
    }
    clearTimeout(this.idleTimer);
    this.running = next;
    try {
      const worker = (this.worker ??= this.startWorker());
      worker.ref();
      worker.postMessage(next.job, [next.job.pixels.buffer]);
    } catch (error) {
      this.settle(({ reject }) => reject(error));
    }
  }

  private startWorker(): Worker {
    const { url, execArgv } = resolveWorker('./render.worker', import.meta.url);
    const worker = new Worker(url, { execArgv, name: 'image-generator' });
    worker.on('message', (result: RenderedPixels) => this.settle(({ resolve }) => resolve(result)));
    worker.on('error', (error) => this.fail(worker, error));
    worker.on('exit', (code) => this.fail(worker, new Error(`The thread ended with code ${code}`)));
    return worker;
  }

  private settle(tell: (entry: Waiting) => void): void {
    const finished = this.running;
    this.running = undefined;
    if (finished) {
      tell(finished);
    }
    this.runNext();
  }

  /** A thread that was stopped on purpose is no longer `this.worker` and may end as it likes. */
  private fail(worker: Worker, error: unknown): void {
    if (worker === this.worker) {
      this.worker = undefined;
      this.settle(({ reject }) => reject(error));
    }
  }

  /** A pixel loop cannot be interrupted, so cancelling the running job ends its thread. */
  private drop(entry: Waiting, reason: unknown): void {
    const position = this.waiting.indexOf(entry);
    if (position >= 0) {
      this.waiting.splice(position, 1);
      entry.reject(reason);
    } else if (entry === this.running) {
      const stopped = this.stopWorker();
      this.settle(() => void stopped.then(() => entry.reject(reason), entry.reject));
    }
  }

  private rest(): void {
    this.worker?.unref();
    this.idleTimer = setTimeout(() => void this.stopWorker(), IDLE_MS);
    this.idleTimer.unref();
  }

  private async stopWorker(): Promise<void> {
    clearTimeout(this.idleTimer);
    const worker = this.worker;
    this.worker = undefined;
    await worker?.terminate();
  }
}
