import { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

import { setOwner } from '../common/http/owner.js';
import { type ApiKey, type ApiKeyRing } from './api-keys.js';

/** Who sent a request. `stranger` brought no key, or none that is valid. */
export type Caller =
  | { readonly kind: 'key'; readonly key: ApiKey }
  | { readonly kind: 'anyone' }
  | { readonly kind: 'stranger'; readonly reason: StrangerReason };

export type StrangerReason = 'no_key' | 'unknown_key' | 'two_keys';

const callers = new WeakMap<object, Caller>();

export const callerOf = (request: Request): Caller =>
  callers.get(request) ?? { kind: 'stranger', reason: 'no_key' };

/**
 * Finds out who calls, before the body is read: the log names the key also of requests that are
 * refused on the way. Whether the caller may do what it asks is the guard's decision.
 */
export const identifyCallers = (keys: ApiKeyRing, isOpen: boolean): RequestHandler => {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const caller = isOpen ? ({ kind: 'anyone' } as const) : identify(request, keys);
    callers.set(request, caller);
    if (caller.kind === 'key') {
      setOwner(request, caller.key.name, { seesEverything: caller.key.scopes.has('admin') });
    }
    next();
  };
};

const identify = (request: Request, keys: ApiKeyRing): Caller => {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.get('Authorization') ?? '')?.[1];
  const header = request.get('X-API-Key')?.trim();
  if (bearer !== undefined && header !== undefined && bearer !== header) {
    return { kind: 'stranger', reason: 'two_keys' };
  }
  const secret = bearer ?? header;
  if (secret === undefined || secret === '') return { kind: 'stranger', reason: 'no_key' };
  const key = keys.find(secret);
  return key ? { kind: 'key', key } : { kind: 'stranger', reason: 'unknown_key' };
};
