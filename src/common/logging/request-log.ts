import { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

import { ownerOf } from '../http/owner.js';
import { requestIdOf } from '../http/request-id.js';
import { type AppLogger } from './app-logger.js';

/** Probes come every few seconds for ever: a line for each would bury everything else. */
const PROBES = /^\/(?:app\/routers\/)?(?:health|healthcheck|health\/live)\/?$/;

/** One line for each request; the path without its query, which may hold a signature. */
export const logRequests =
  (logger: AppLogger): RequestHandler =>
  (request: Request, response: Response, next: NextFunction): void => {
    if (PROBES.test(request.path)) {
      next();
      return;
    }
    const startedAt = performance.now();
    const { method, path } = request;
    response.once('close', () => {
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
    });
    next();
  };
