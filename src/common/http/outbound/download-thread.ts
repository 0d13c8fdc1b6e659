import { Worker } from 'node:worker_threads';

import { resolveWorker } from '../../workers/worker-url.js';
import {
  type DownloadReply,
  type DownloadRequest,
  type DownloadThreadSetup,
} from './download.protocol.js';
import { type DownloadOptions, type Downloader, GuardedHttpClient } from './guarded-client.js';
import { OutboundError } from './outbound-error.js';

interface Waiting {
  readonly resolve: (bytes: Buffer<ArrayBuffer>) => void;
  readonly reject: (error: OutboundError) => void;
}

/** `GuardedHttpClient.download` in a worker thread, which is started with the first download. */
export class DownloadThread implements Downloader {
  private readonly waiting = new Map<number, Waiting>();
  private readonly rules: GuardedHttpClient;
  private worker: Worker | undefined;
  private lastId = 0;

  /** @throws ConfigurationError when a listed host cannot be understood */
  constructor(private readonly setup: DownloadThreadSetup) {
    this.rules = new GuardedHttpClient(setup);
  }

  assertAllowed(url: string): void {
    this.rules.assertAllowed(url);
  }

  /** The buffer is the caller's alone. @throws OutboundError */
  async download(
    url: string,
    { signal, ...options }: DownloadOptions,
  ): Promise<Buffer<ArrayBuffer>> {
    const worker = (this.worker ??= this.start());
    this.lastId += 1;
    const id = this.lastId;
    const send = (request: DownloadRequest): void => worker.postMessage(request);
    const onAbort = (): void => send({ kind: 'abort', id });
    const reply = new Promise<Buffer<ArrayBuffer>>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
    });
    worker.ref();
    send({ kind: 'download', id, url, options });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await reply;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.waiting.delete(id);
      if (this.waiting.size === 0) worker.unref();
    }
  }

  /** Ends the thread; downloads under way fail. */
  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const { url, execArgv } = resolveWorker('./download.worker', import.meta.url);
    const worker = new Worker(url, { workerData: this.setup, execArgv, name: 'download' });
    worker.on('message', (reply: DownloadReply) => this.settle(reply));
    worker.on('error', () => this.fail(worker));
    worker.on('exit', () => this.fail(worker));
    worker.unref();
    return worker;
  }

  private settle(reply: DownloadReply): void {
    const waiting = this.waiting.get(reply.id);
    if (reply.kind === 'done') {
      const { buffer, byteOffset, byteLength } = reply.bytes;
      waiting?.resolve(Buffer.from(buffer, byteOffset, byteLength));
    } else {
      const { kind, message, options } = reply.error;
      waiting?.reject(new OutboundError(kind, message, options));
    }
  }

  /** The next download starts another thread. */
  private fail(worker: Worker): void {
    if (worker !== this.worker) return;
    this.worker = undefined;
    for (const { reject } of this.waiting.values()) {
      reject(
        new OutboundError('aborted', 'The download was cut off', {
          reason: 'download_thread_ended',
          host: '',
          isTransient: true,
        }),
      );
    }
  }
}
