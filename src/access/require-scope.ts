import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';

import { ApiProblems } from '../common/http/api-docs.js';
import { type Scope } from './scopes.js';

export const ACCESS_RULE = 'desk-ai:access';

/** What a request is counted as; each has a limit of its own, but for scrapes. */
export type RateClass = 'classify' | 'generate' | 'read' | 'scrape';

/** What a route asks of its callers. Every route has a rule: the service does not start otherwise. */
export type AccessRule =
  | { readonly kind: 'public' }
  | {
      readonly kind: 'key';
      /** One of these is enough; none listed: any valid key. */
      readonly scopes: readonly Scope[];
      readonly rateClass: RateClass;
    };

const RATE_CLASS: Readonly<Record<Scope, RateClass>> = {
  classify: 'classify',
  generate: 'generate',
  tasks: 'read',
  metrics: 'scrape',
  admin: 'read',
};

const requireKey = (scopes: readonly Scope[], rateClass: RateClass): MethodDecorator =>
  applyDecorators(
    SetMetadata(ACCESS_RULE, { kind: 'key', scopes, rateClass } satisfies AccessRule),
    ApiSecurity('bearer', [...scopes]),
    ApiSecurity('api_key', [...scopes]),
    ApiProblems('unauthorized', ...(scopes.length > 0 ? (['forbidden'] as const) : [])),
    ApiProblems('rate_limited'),
  );

/** Needs a key with one of these scopes. The first one decides what the request is counted as. */
export const RequireScope = (first: Scope, ...others: readonly Scope[]): MethodDecorator =>
  requireKey([first, ...others], RATE_CLASS[first]);

/** Needs a valid key of any scope. */
export const RequireKey = (): MethodDecorator => requireKey([], 'read');

/** Needs no key and is not limited: health, pages, pictures, and links that carry a signature. */
export const Public = (): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS_RULE, { kind: 'public' } satisfies AccessRule);
