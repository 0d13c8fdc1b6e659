import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.js';
import { ProblemDto } from './problem.dto.js';

/** Descriptions are read by Korean and English speakers alike. */
export const both = (en: string, ko: string): string => `${en}\n\n${ko}`;

const PROBLEM = 'application/problem+json';

/** Documents the error codes that a route may answer with, grouped by status. */
export const ApiProblems = (...codes: readonly ErrorCode[]): MethodDecorator & ClassDecorator => {
  const byStatus = Map.groupBy(codes, (code) => ERROR_CODES[code].status);
  return applyDecorators(
    ...[...byStatus].map(([status, group]) =>
      ApiResponse({
        status,
        description: group
          .map((code) => `\`${code}\`: ${ERROR_CODES[code].title}. ${ERROR_CODES[code].titleKo}.`)
          .join('\n\n'),
        content: {
          [PROBLEM]: {
            schema: { $ref: '#/components/schemas/ProblemDto' },
            examples: Object.fromEntries(group.map((code) => [code, { value: example(code) }])),
          },
        },
        ...(group.some((code) => [429, 503].includes(ERROR_CODES[code].status))
          ? { headers: RETRY_AFTER }
          : {}),
      }),
    ),
  );
};

const RETRY_AFTER = {
  'Retry-After': {
    description: both(
      'Seconds to wait before the next try.',
      '다시 시도하기 전에 기다릴 시간(초).',
    ),
    schema: { type: 'integer' as const, minimum: 1 },
  },
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
