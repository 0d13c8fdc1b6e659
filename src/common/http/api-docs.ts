import { ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';

import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.js';
import { ProblemDto } from './problem.dto.js';

/** Descriptions are read by Korean and English speakers alike. */
export const both = (en: string, ko: string): string => `${en}\n\n${ko}`;

const PROBLEM = 'application/problem+json';

/** What was documented so far for each handler: several decorators may add to one status. */
const documented = new WeakMap<object, readonly ErrorCode[]>();

/** Documents error codes that a route may answer with, grouped by status; may be used repeatedly. */
export const ApiProblems = (...codes: readonly ErrorCode[]): MethodDecorator => {
  return (target, key, descriptor) => {
    const handler = descriptor.value as object;
    const all = [...new Set([...(documented.get(handler) ?? []), ...codes])];
    documented.set(handler, all);
    for (const [status, group] of Map.groupBy(all, (code) => ERROR_CODES[code].status)) {
      ApiResponse({
        status,
        ...problemResponse(group),
        ...(HEADERS_BY_STATUS[status] && { headers: HEADERS_BY_STATUS[status] }),
      })(target, key, descriptor);
    }
  };
};

/** A response of the OpenAPI document that tells problems of one status. */
export const problemResponse = (codes: readonly ErrorCode[]) => ({
  description: codes
    .map((code) => `\`${code}\`: ${ERROR_CODES[code].title}. ${ERROR_CODES[code].titleKo}.`)
    .join('\n\n'),
  content: {
    [PROBLEM]: {
      schema: { $ref: '#/components/schemas/ProblemDto' },
      examples: Object.fromEntries(codes.map((code) => [code, { value: example(code) }])),
    },
  },
});

const RETRY_AFTER = {
  'Retry-After': {
    description: both(
      'Seconds to wait before the next try.',
      '다시 시도하기 전에 기다릴 시간(초).',
    ),
    schema: { type: 'integer' as const, minimum: 1 },
  },
};

const RATE_LIMIT = {
  RateLimit: {
    description: both(
      'What is left of each limit (`r`) and the seconds until it is whole again (`t`).',
      '한도별 남은 횟수(`r`)와 모두 회복될 때까지의 시간(`t`, 초).',
    ),
    schema: { type: 'string' as const, example: '"generate";r=0;t=60' },
  },
  'RateLimit-Policy': {
    description: both(
      'The limits (`q`) and their windows in seconds (`w`).',
      '한도(`q`)와 시간 창(`w`, 초).',
    ),
    schema: { type: 'string' as const, example: '"generate";q=120;w=60' },
  },
};

const AUTHENTICATE = {
  'WWW-Authenticate': {
    description: both('How to authenticate (RFC 6750).', '인증 방법(RFC 6750).'),
    schema: { type: 'string' as const, example: 'Bearer realm="desk-ai"' },
  },
};

const HEADERS_BY_STATUS: Readonly<Record<number, ApiResponseOptions['headers']>> = {
  401: AUTHENTICATE,
  403: AUTHENTICATE,
  429: { ...RETRY_AFTER, ...RATE_LIMIT },
  503: RETRY_AFTER,
};

const example = (code: ErrorCode): ProblemDto => ({
  type: `/docs/errors#${code}`,
  title: ERROR_CODES[code].title,
  status: ERROR_CODES[code].status,
  detail: ERROR_CODES[code].advice,
  code,
  instance: '/generated/v1/generate',
  request_id: '4f7c2b1e-9d0a-4f7e-8b3a-2f6f0c1d2e3f',
  ...(code === 'validation_failed'
    ? { errors: [{ field: 'image_url', message: 'image_url must be an http(s) address' }] }
    : {}),
});
