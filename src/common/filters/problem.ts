import { HttpException } from '@nestjs/common';

import { AppError } from '../errors/app-error.js';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.js';
import { type FieldError, RequestError } from '../errors/errors.js';
import { type Language } from '../http/language.js';

/** RFC 9457, with the members of the contract. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly instance: string;
  readonly request_id: string;
  readonly errors?: readonly Pick<FieldError, 'field' | 'message'>[];
  readonly task_id?: string;
}

/** What a problem is told about. */
export interface ProblemContext {
  readonly instance: string;
  readonly requestId: string;
  readonly language: Language;
}

/** Statuses that the framework itself raises, in our own words. */
const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  // Bodies and fields have errors of their own; what is left is a path that cannot be decoded.
  400: 'not_found',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  431: 'headers_too_large',
};

const codeOf = (error: unknown): ErrorCode => {
  if (error instanceof AppError) return error.code;
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  return CODE_BY_STATUS[status] ?? 'internal_error';
};

/** Express and its body parser mark their errors with a `status`. */
const statusOf = (error: unknown): number =>
  typeof error === 'object' &&
  error !== null &&
  'status' in error &&
  typeof error.status === 'number'
    ? error.status
    : 500;

const detailOf = (error: unknown, code: ErrorCode, language: Language): string => {
  const { advice, adviceKo } = ERROR_CODES[code];
  if (language === 'ko') return (error instanceof AppError && error.messageKo) || adviceKo;
  return error instanceof AppError ? error.message : advice;
};

const fieldErrorsOf = (error: unknown, language: Language): Pick<Problem, 'errors'> => {
  if (!(error instanceof RequestError) || error.fieldErrors.length === 0) return {};
  return {
    errors: error.fieldErrors.map(({ field, message, messageKo }) => ({
      field,
      message: (language === 'ko' && messageKo) || message,
    })),
  };
};

export const toProblem = (error: unknown, context: ProblemContext): Problem => {
  const { instance, requestId, language } = context;
  const code = codeOf(error);
  const { status, title, titleKo } = ERROR_CODES[code];
  const taskId = error instanceof AppError ? error.details['taskId'] : undefined;
  return {
    type: `/docs/errors#${code}`,
    title: language === 'ko' ? titleKo : title,
    status,
    detail: detailOf(error, code, language),
    code,
    instance,
    request_id: requestId,
    ...fieldErrorsOf(error, language),
    ...(typeof taskId === 'string' ? { task_id: taskId } : {}),
  };
};
