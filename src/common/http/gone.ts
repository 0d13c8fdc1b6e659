import { type Request } from 'express';

/** Aborts when the client has gone before it was answered: nobody waits for the work any more. */
export const goneSignal = (request: Request): AbortSignal => {
  const gone = new AbortController();
  request.res?.once('close', () => {
    if (!request.res?.writableFinished) gone.abort();
  });
  return gone.signal;
};
