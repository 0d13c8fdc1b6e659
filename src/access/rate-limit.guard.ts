import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Request, type Response } from 'express';

import { CLOCK, type Clock } from '../common/clock.js';
import { LimitError } from '../common/errors/errors.js';
import { accessConfig, type AccessConfig } from '../config/access.config.js';
import { callerOf } from './caller.js';
import { toClientAddress } from './client-address.js';
import { ACCESS_RULE, type AccessRule } from './require-scope.js';
import { TokenBuckets } from './token-buckets.js';

interface Check {
  /** Shown to the client, and what requests are counted as. */
  readonly name: 'address' | 'classify' | 'generate' | 'read';
  readonly client: string;
}

const toSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));

/**
 * One limit for each class of routes and each key, and a wide one for each address. Runs before the
 * key is judged, so that guessing keys is limited too. Answers carry the fields of
 * draft-ietf-httpapi-ratelimit-headers.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly buckets: TokenBuckets;

  constructor(
    private readonly reflector: Reflector,
    @Inject(accessConfig.KEY) private readonly config: AccessConfig,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.buckets = new TokenBuckets(clock);
  }

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, targets);
    if (!this.config.limits.isOn || rule?.kind !== 'key') return true;
    const http = context.switchToHttp();
    const response = http.getResponse<Response>();
    for (const check of checksFor(http.getRequest<Request>(), rule)) this.count(check, response);
    return true;
  }

  private count({ name, client }: Check, response: Response): void {
    const { windowMs, [name]: quota } = this.config.limits;
    const hit = this.buckets.take(`${name} ${client}`, { quota, windowMs });
    response.append('RateLimit-Policy', `"${name}";q=${quota};w=${toSeconds(windowMs)}`);
    response.append('RateLimit', `"${name}";r=${hit.remaining};t=${toSeconds(hit.resetMs)}`);
    if (hit.isAllowed) return;
    const seconds = toSeconds(hit.retryAfterMs);
    throw new LimitError('rate_limited', `Too many requests: try again in ${seconds} s.`, {
      retryAfterMs: hit.retryAfterMs,
      messageKo: `요청이 너무 많습니다. ${seconds}초 뒤에 다시 시도하세요.`,
    });
  }
}

const checksFor = (request: Request, rule: AccessRule & { kind: 'key' }): Check[] => {
  const address = toClientAddress(request.ip);
  const byAddress: Check = { name: 'address', client: address };
  const caller = callerOf(request);
  switch (caller.kind) {
    case 'key':
      // An overload must not hide itself: Prometheus may share its address with busy clients.
      if (rule.rateClass === 'scrape') return [];
      return [byAddress, { name: rule.rateClass, client: `key ${caller.key.name}` }];
    case 'anyone':
      if (rule.rateClass === 'scrape') return [];
      return [byAddress, { name: rule.rateClass, client: address }];
    case 'stranger':
      // Told 401 whatever it asks for: there is nothing else to count.
      return [byAddress];
    default:
      return caller satisfies never;
  }
};
