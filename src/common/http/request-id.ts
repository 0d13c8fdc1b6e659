import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

import { type NextFunction, type Request, type Response } from 'express';

const HEADER = 'X-Request-Id';
const ACCEPTABLE = /^[A-Za-z0-9._-]{1,128}$/;
const requestIds = new WeakMap<object, string>();
const current = new AsyncLocalStorage<string>();

/** Takes the caller's `X-Request-Id` when it is harmless, else makes one; every answer carries it. */
export const assignRequestId = (request: Request, response: Response, next: NextFunction): void => {
  const sent = request.get(HEADER) ?? '';
  const requestId = ACCEPTABLE.test(sent) ? sent : randomUUID();
  requestIds.set(request, requestId);
  response.setHeader(HEADER, requestId);
  current.run(requestId, () => next());
};

/** Of the request that is being answered, or that set off the work at hand. */
export const currentRequestId = (): string | undefined => current.getStore();

export const requestIdOf = (request: Request): string => requestIds.get(request) ?? 'unknown';
