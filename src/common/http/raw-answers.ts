import { randomUUID } from 'node:crypto';
import { type Server, STATUS_CODES } from 'node:http';
import { type Duplex } from 'node:stream';

import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.js';
import { type AppLogger } from '../logging/app-logger.js';

/** How long a client may take to read the refusal before its connection is cut, in milliseconds. */
const LINGER_MS = 1_000;

const CODE_BY_FAULT: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload_too_large',
};

const DETAILS: Partial<Record<ErrorCode, string>> = {
  validation_failed: 'This is not a valid HTTP/1.1 request.',
  payload_too_large: 'The chunk extensions of the body are too large.',
  method_not_allowed: 'This server is not a proxy.',
};

/**
 * Answers what never becomes a request: bytes that are no HTTP, headers that are too large or too
 * slow. Express does not see these; without this, Node answers an empty 400.
 */
export const answerRawErrors = (server: Server, logger: AppLogger): void => {
  server.on('clientError', (error: Error, socket: Duplex) => {
    const fault = 'code' in error ? String(error.code) : 'unknown';
    const code = CODE_BY_FAULT[fault] ?? 'validation_failed';
    if (fault === 'ECONNRESET' || !socket.writable || hasBegunToAnswer(socket)) {
      socket.destroy();
      return;
    }
    refuse(socket, code, logger, fault);
  });
  // CONNECT asks for a tunnel; Node would cut the connection without a word.
  server.on('connect', (_request, socket: Duplex) => {
    refuse(socket, 'method_not_allowed', logger, 'CONNECT');
  });
  // An unknown Expect header may be ignored (RFC 9110, 10.1.1); Node would answer an empty 417.
  server.on('checkExpectation', (request, response) => {
    server.emit('request', request, response);
  });
};

/** A second status line in the middle of an answer would be read as part of its body. */
const hasBegunToAnswer = (socket: Duplex): boolean => {
  const message: unknown = Reflect.get(socket, '_httpMessage');
  return (
    typeof message === 'object' &&
    message !== null &&
    'headersSent' in message &&
    message.headersSent === true
  );
};

const refuse = (socket: Duplex, code: ErrorCode, logger: AppLogger, fault: string): void => {
  const requestId = randomUUID();
  logger.debug('refused what is no request', { requestId, code, fault });
  socket.on('error', () => socket.destroy());
  socket.end(render(code, requestId));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
};

const render = (code: ErrorCode, requestId: string): string => {
  const { status, title, advice } = ERROR_CODES[code];
  const body = JSON.stringify({
    type: `/docs/errors#${code}`,
    title,
    status,
    detail: DETAILS[code] ?? advice,
    code,
    instance: '/',
    request_id: requestId,
  });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Content-Language: en',
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
};
