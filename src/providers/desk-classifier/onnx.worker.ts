/**
 * Runs one ONNX session on a thread of its own: `session.run()` blocks the thread that calls it.
 * A thread must never be terminated during a run (the whole process would abort), so the only way out
 * is a `close` message, which queues behind the run that is under way.
 */
import { parentPort, workerData } from 'node:worker_threads';

import { InferenceSession, Tensor } from 'onnxruntime-node';

import { lowerOwnPriority } from '../../common/workers/thread-priority.js';
import { type WorkerReply, type WorkerRequest, type WorkerSetup } from './onnx-worker.protocol.js';

const port = parentPort;
if (!port) throw new Error('onnx.worker must be started as a worker thread');

const setup = workerData as WorkerSetup;
lowerOwnPriority(setup.nice);

const session = await InferenceSession.create(setup.modelPath, {
  executionProviders: ['cpu'],
  intraOpNumThreads: setup.intraOpThreads,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  // A planned pattern holds the whole peak beside the arena: 10 MB a thread, and no faster (measured).
  enableMemPattern: false,
});

const run = async (request: Extract<WorkerRequest, { kind: 'run' }>): Promise<WorkerReply> => {
  try {
    const tensor =
      request.data instanceof Uint8Array
        ? new Tensor('uint8', request.data, request.dims)
        : new Tensor('float32', request.data, request.dims);
    const results = await session.run({ [setup.inputName]: tensor });
    const outputs: Record<string, Float32Array> = {};
    for (const name of session.outputNames) {
      outputs[name] = new Float32Array(results[name]?.data as Float32Array);
    }
    return { kind: 'result', id: request.id, outputs };
  } catch (error) {
    return { kind: 'failure', id: request.id, message: String(error) };
  } finally {
    // The pixels were handed over to this thread, whose small heap is collected once in hundreds of photos.
    (request.data.buffer as ArrayBuffer).transfer(0);
  }
};

port.on('message', (request: WorkerRequest) => {
  if (request.kind === 'close') {
    void session.release().finally(() => port.close());
    return;
  }
  void run(request).then((reply) => port.postMessage(reply));
});

port.postMessage({
  kind: 'ready',
  inputNames: [...session.inputNames],
  outputNames: [...session.outputNames],
} satisfies WorkerReply);
