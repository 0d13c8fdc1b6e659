import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import { type Request, type Response } from 'express';

import { AppError } from '../errors/app-error.js';
import { RequestError } from '../errors/errors.js';
import { findAllowedMethods } from '../http/allowed-methods.js';
import { languageOf } from '../http/language.js';
import { requestIdOf } from '../http/request-id.js';
import { type AppLogger } from '../logging/app-logger.js';
import { toProblem } from './problem.js';

/** The one place where an error becomes HTTP: a problem document by RFC 9457. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  constructor(private readonly logger: AppLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    // The client has gone, and work was stopped because of that: nobody reads an answer.
    if (response.destroyed && isAbort(error)) return;
    // Nest's own 404 means that no route has this method and path.
    const allowed =
      error instanceof NotFoundException ? findAllowedMethods(request.app, request.path) : [];
    if (allowed.length === 0) {
      this.answer(error, request, response);
      return;
    }
    response.setHeader('Allow', allowed.join(', '));
    if (request.method === 'OPTIONS') response.status(204).end();
    else this.answer(methodNotAllowed(request.method, allowed), request, response);
  }

  private answer(error: unknown, request: Request, response: Response): void {
    const language = languageOf(request);
    const requestId = requestIdOf(request);
    const problem = toProblem(error, { instance: request.path, requestId, language });
    if (problem.code === 'internal_error') {
      this.logger.error('A request failed by a bug', { requestId, error });
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
    response.setHeader('Content-Language', language);
    response.vary('Accept-Language');
    // Caches would keep what was only wrong for a moment, such as a picture that is not there yet.
    response.setHeader('Cache-Control', 'no-store');
    response.status(problem.status).type('application/problem+json').end(JSON.stringify(problem));
  }
}

const isAbort = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';

const methodNotAllowed = (method: string, allowed: readonly string[]): RequestError => {
  const methods = allowed.join(', ');
  return new RequestError(
    'method_not_allowed',
    `${method} is not allowed here; use ${methods}.`,
    [],
    {
      messageKo: `${method}은(는) 여기서 허용되지 않습니다. ${methods}을(를) 사용하세요.`,
    },
  );
};
