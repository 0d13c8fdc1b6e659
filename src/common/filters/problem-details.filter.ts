import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type Request, type Response } from 'express';

import { AppError } from '../errors/app-error.js';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.js';
import { type FieldError, RequestError } from '../errors/errors.js';
import { type AppLogger } from '../logging/app-logger.js';
import { requestIdOf } from '../http/request-id.js';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly instance: string;
  readonly request_id: string;
  readonly errors?: readonly FieldError[];
  readonly task_id?: string;
}

/** Statuses that the framework itself raises, in our own words. */
const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_json',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
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

const detailOf = (error: unknown, code: ErrorCode): string =>
  error instanceof AppError ? error.message : ERROR_CODES[code].advice;

export const toProblem = (error: unknown, instance: string, requestId: string): Problem => {
  const code = codeOf(error);
  const { status, title } = ERROR_CODES[code];
  const taskId = error instanceof AppError ? error.details['taskId'] : undefined;
  return {
    type: `/docs/errors#${code}`,
    title,
    status,
    detail: detailOf(error, code),
    code,
    instance,
    request_id: requestId,
    ...(error instanceof RequestError && error.fieldErrors.length > 0
      ? { errors: error.fieldErrors }
      : {}),
    ...(typeof taskId === 'string' ? { task_id: taskId } : {}),
  };
};

/** The one place where an error becomes HTTP: a problem document by RFC 9457. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  constructor(private readonly logger: AppLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = toProblem(error, request.path, requestIdOf(request));
    if (problem.code === 'internal_error') {
      this.logger.error('A request failed by a bug', { requestId: problem.request_id, error });
    }
    // Too late for another answer (for example in the middle of an event stream).
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const retryAfterMs = error instanceof AppError ? error.retryAfterMs : undefined;
    if (retryAfterMs !== undefined) {
      response.setHeader('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
    }
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}
