import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Request, type Response } from 'express';

import { AccessError } from '../common/errors/errors.js';
import { callerOf, type StrangerReason } from './caller.js';
import { ACCESS_RULE, type AccessRule } from './require-scope.js';
import { type Scope } from './scopes.js';

const REALM = 'Bearer realm="desk-ai"';

const STRANGERS: Readonly<Record<StrangerReason, { en: string; ko: string; error: string }>> = {
  no_key: {
    en: 'Send an API key as `Authorization: Bearer <key>` or `X-API-Key`.',
    ko: '`Authorization: Bearer <키>` 또는 `X-API-Key`로 API 키를 보내세요.',
    error: '',
  },
  unknown_key: {
    en: 'This API key is not valid: it was mistyped or withdrawn.',
    ko: '유효하지 않은 API 키입니다. 잘못 입력했거나 폐기된 키입니다.',
    error: ', error="invalid_token"',
  },
  two_keys: {
    en: '`Authorization` and `X-API-Key` hold different keys: send one.',
    ko: '`Authorization`과 `X-API-Key`의 키가 서로 다릅니다. 하나만 보내세요.',
    error: ', error="invalid_request"',
  },
};

/** Lets a request through when its key has a scope that the route asks for. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const rule = this.ruleOf(context);
    if (rule.kind === 'public') return true;
    const http = context.switchToHttp();
    const caller = callerOf(http.getRequest<Request>());
    switch (caller.kind) {
      case 'anyone':
        return true;
      case 'stranger':
        throw unauthorized(http.getResponse<Response>(), caller.reason);
      case 'key':
        if (mayDo(caller.key.scopes, rule.scopes)) return true;
        throw forbidden(http.getResponse<Response>(), rule.scopes);
      default:
        return caller satisfies never;
    }
  }

  /** A route without a rule cannot be reached: the start would have failed. Closed, should it be. */
  private ruleOf(context: ExecutionContext): AccessRule {
    const targets = [context.getHandler(), context.getClass()];
    return (
      this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, targets) ?? {
        kind: 'key',
        scopes: ['admin'],
        rateClass: 'read',
      }
    );
  }
}

const mayDo = (granted: ReadonlySet<Scope>, needed: readonly Scope[]): boolean =>
  needed.length === 0 || granted.has('admin') || needed.some((scope) => granted.has(scope));

const unauthorized = (response: Response, reason: StrangerReason): AccessError => {
  const { en, ko, error } = STRANGERS[reason];
  response.setHeader('WWW-Authenticate', `${REALM}${error}`);
  return new AccessError('unauthorized', en, { messageKo: ko });
};

const forbidden = (response: Response, needed: readonly Scope[]): AccessError => {
  response.setHeader(
    'WWW-Authenticate',
    `${REALM}, error="insufficient_scope", scope="${needed.join(' ')}"`,
  );
  const names = needed.map((scope) => `\`${scope}\``);
  return new AccessError('forbidden', `This key lacks the scope ${names.join(' or ')}.`, {
    messageKo: `이 키에는 ${names.join(' 또는 ')} 권한(scope)이 없습니다.`,
  });
};
