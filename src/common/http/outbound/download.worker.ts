/**
 * Downloads on a thread of their own. Each piece of a body is memory outside of V8's heap, which calls
 * for a full garbage collection every 64 MB: some 20 phone photos. That costs next to nothing in the
 * small heap of this thread, and 80 ms without an answer to anybody in that of the service.
 */
import { parentPort, workerData } from 'node:worker_threads';

import {
  type DownloadReply,
  type DownloadRequest,
  type DownloadThreadSetup,
  type OutboundErrorParts,
} from './download.protocol.js';
import { GuardedHttpClient } from './guarded-client.js';
import { OutboundError } from './outbound-error.js';

const port = parentPort;
if (!port) throw new Error('download.worker must be started as a worker thread');

const client = new GuardedHttpClient(workerData as DownloadThreadSetup);
const underWay = new Map<number, AbortController>();

const toParts = (error: unknown): OutboundErrorParts => {
  if (!(error instanceof OutboundError)) throw error;
  const { kind, message, reason, host, isTransient, status, retryAfterMs } = error;
  return {
    kind,
    message,
    options: {
      reason,
      host,
      isTransient,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  };
};

const download = async (
  { id, url, options }: Extract<DownloadRequest, { kind: 'download' }>,
  signal: AbortSignal,
): Promise<DownloadReply> => {
  try {
    return { kind: 'done', id, bytes: await client.download(url, { ...options, signal }) };
  } catch (error) {
    return { kind: 'failed', id, error: toParts(error) };
  }
};

const answer = async (request: Extract<DownloadRequest, { kind: 'download' }>): Promise<void> => {
  const controller = new AbortController();
  underWay.set(request.id, controller);
  const reply = await download(request, controller.signal);
  underWay.delete(request.id);
  port.postMessage(reply, reply.kind === 'done' ? [reply.bytes.buffer] : []);
};

port.on('message', (request: DownloadRequest) => {
  if (request.kind === 'abort') underWay.get(request.id)?.abort();
  else void answer(request);
});
