import { type Request } from 'express';

/** Who a task belongs to: the name of the request's API key. */
export const ANONYMOUS = 'anonymous';

const owners = new WeakMap<object, string>();

export const setOwner = (request: Request, owner: string): void => {
  owners.set(request, owner);
};

export const ownerOf = (request: Request): string => owners.get(request) ?? ANONYMOUS;
