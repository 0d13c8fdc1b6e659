import { type NextFunction, type Request, type Response } from 'express';

import { findRouteTemplate } from './allowed-methods.js';
import { ownerOf } from './owner.js';
import { httpRequests, type RequestEnd } from './request.diagnostics.js';
import { requestIdOf } from './request-id.js';

/** Tells those who watch of every request; its own route is known only when it is over. */
export const observeRequests = (request: Request, response: Response, next: NextFunction): void => {
  if (!httpRequests.isWatched()) {
    next();
    return;
  }
  const start = {
    method: request.method,
    path: request.path,
    requestId: requestIdOf(request),
    traceparent: request.get('traceparent'),
    tracestate: request.get('tracestate'),
  };
  // A connection serves one request after the other.
  const writtenBefore = request.socket.bytesWritten;
  httpRequests.begin(start, (run) => {
    response.once('close', () => {
      const responseBytes = request.socket.bytesWritten - writtenBefore;
      httpRequests.end(run, { ...describe(request, response), responseBytes });
    });
    next();
  });
};

const describe = (request: Request, response: Response): Omit<RequestEnd, 'responseBytes'> => ({
  route: routeOf(request),
  status: response.statusCode,
  isComplete: response.writableFinished,
  key: ownerOf(request),
  requestBytes: Number(request.get('content-length') ?? 0) || 0,
});

const routeOf = (request: Request): string | undefined => {
  const { route }: { route?: { path?: unknown } } = request;
  if (typeof route?.path === 'string') return route.path;
  // Refused before the router was asked, for example for its body.
  return findRouteTemplate(request.app, request.method, request.path);
};
