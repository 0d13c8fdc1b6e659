import { type Request } from 'express';

/** Owner of what is made without a key; no key may have this name. */
export const ANONYMOUS = 'anonymous';

interface Owner {
  readonly name: string;
  readonly seesEverything: boolean;
}

const owners = new WeakMap<object, Owner>();

export const setOwner = (
  request: Request,
  name: string,
  { seesEverything }: { readonly seesEverything: boolean },
): void => {
  owners.set(request, { name, seesEverything });
};

/** Who a new task belongs to: the name of the request's API key. */
export const ownerOf = (request: Request): string => owners.get(request)?.name ?? ANONYMOUS;

/** Whose tasks the request may see: its own; undefined, which is everybody's, for an admin key. */
export const visibleOwnerOf = (request: Request): string | undefined =>
  owners.get(request)?.seesEverything ? undefined : ownerOf(request);
