import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';

import { RequestError } from '../errors/errors.js';

// PUT is left out: it carries photos, see uploads.
const BODY_METHODS = new Set(['POST', 'PATCH', 'DELETE']);

const isJson = (request: Request): boolean => request.is(['json', '+json']) !== false;

const declaredBytes = (request: Request): number => Number(request.headers['content-length'] ?? 0);

const hasBody = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined || declaredBytes(request) > 0;

const typeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : '';

/** The body parser's own errors, in the contract's codes. */
const translate = (error: unknown, limitBytes: number): unknown => {
  switch (typeOf(error)) {
    case 'entity.parse.failed':
    case 'request.aborted':
    case 'request.size.invalid':
    case 'stream.encoding.set':
    case 'encoding.unsupported':
      return malformed();
    case 'entity.too.large':
      return tooLarge(limitBytes);
    case 'charset.unsupported':
      return new RequestError('unsupported_media_type', 'The body must be encoded as UTF-8.');
    default:
      // Whatever else is wrong with the bytes, such as a body that claims to be gzip and is not.
      return isClientFault(error) ? malformed() : error;
  }
};

const tooLarge = (limitBytes: number): RequestError =>
  new RequestError(
    'payload_too_large',
    `The body is larger than ${limitBytes} bytes. Photos are sent by URL or through POST /uploads.`,
    [],
    {
      messageKo: `본문이 ${limitBytes}바이트보다 큽니다. 사진은 URL 또는 POST /uploads로 보내세요.`,
    },
  );

const malformed = (): RequestError =>
  new RequestError('malformed_json', 'The body is not a valid JSON object in UTF-8.');

const isClientFault = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === 400;

/** Reads JSON bodies only; whatever else is sent is refused with a sentence, not ignored. */
export const createBodyParser = (limitBytes: number): RequestHandler => {
  const parse = express.json({
    limit: limitBytes,
    strict: true,
    type: (request) => isJson(request as Request),
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    if (BODY_METHODS.has(request.method) && hasBody(request) && !isJson(request)) {
      next(
        new RequestError(
          'unsupported_media_type',
          'Send the body as JSON with Content-Type: application/json.',
        ),
      );
      return;
    }
    if (BODY_METHODS.has(request.method) && declaredBytes(request) > limitBytes) {
      // The parser would read it all before it refuses.
      response.setHeader('Connection', 'close');
      next(tooLarge(limitBytes));
      return;
    }
    parse(request, response, (error?: unknown) => {
      next(error === undefined ? undefined : translate(error, limitBytes));
    });
  };
};
