import { AsyncLocalStorage } from 'node:async_hooks';

import { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

import { ownerOf } from '../http/owner.js';
import { isProbe } from '../http/probes.js';
import { requestIdOf } from '../http/request-id.js';
import { type AppLogger } from './app-logger.js';

/** One line for each request; the path without its query, which may hold a signature. */
export const logRequests =
  (logger: AppLogger): RequestHandler =>
  (request: Request, response: Response, next: NextFunction): void => {
    if (isProbe(request.path)) {
      next();
      return;
    }
    const startedAt = performance.now();
    const { method, path } = request;
    const onClose = (): void => {
      logger.info('request', {
        requestId: requestIdOf(request),
        // The key's name; the key itself is nowhere after it was compared.
        key: ownerOf(request),
        method,
        path,
        status: response.statusCode,
        isComplete: response.writableFinished,
        durationMs: Math.round(performance.now() - startedAt),
      });
    };
    // The connection closes outside of the request's trace.
    response.once('close', AsyncLocalStorage.bind(onClose));
    next();
  };
