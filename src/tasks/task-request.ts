import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { type Request } from 'express';

import { both } from '../common/http/api-docs.js';
import { RequestError } from '../common/errors/errors.js';
import { goneSignal } from '../common/http/gone.js';
import { parsePreferWaitMs } from '../common/http/prefer.js';
import { TaskDto } from './dto/task.dto.js';

const MAX_KEY_LENGTH = 255;

/** What a request says about the task it creates, beside its body. */
export interface TaskRequestHeaders {
  readonly idempotencyKey: string | undefined;
  /** Undefined when the client did not ask to wait. */
  readonly waitMs: number | undefined;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
}

export const readTaskHeaders = (request: Request): TaskRequestHeaders => {
  const idempotencyKey = request.get('Idempotency-Key')?.trim();
  if (idempotencyKey !== undefined && !isPrintable(idempotencyKey)) {
    const message = `must be 1 to ${MAX_KEY_LENGTH} printable ASCII characters`;
    const messageKo = `Idempotency-Key: 인쇄 가능한 ASCII 문자 1~${MAX_KEY_LENGTH}자여야 합니다.`;
    throw new RequestError(
      'validation_failed',
      'Correct these fields: Idempotency-Key.',
      [{ field: 'Idempotency-Key', message: `Idempotency-Key ${message}`, messageKo }],
      { messageKo: '다음 필드를 고쳐 주세요: Idempotency-Key.' },
    );
  }
  return {
    idempotencyKey,
    waitMs: parsePreferWaitMs(request.get('Prefer')),
    gone: goneSignal(request),
  };
};

const isPrintable = (key: string): boolean =>
  key.length <= MAX_KEY_LENGTH && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(key);

/** Documents the headers and the two good answers of a route that creates a task. */
export const ApiTaskAnswers = (): MethodDecorator =>
  applyDecorators(
    HttpCode(202),
    ApiExtraModels(TaskDto),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: both(
        'The same key and body again gives the same task, never a second one (24 h).',
        '같은 키와 본문을 다시 보내면 새 작업 대신 같은 작업을 돌려줍니다(24시간).',
      ),
      schema: {
        type: 'string',
        minLength: 1,
        maxLength: MAX_KEY_LENGTH,
        pattern: '^[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?$',
      },
    }),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: both(
        '`wait=N`: answer with the result if it is there within N seconds (capped by `MAX_WAIT_SECONDS`).',
        '`wait=N`: N초 안에 결과가 나오면 결과로 답합니다(`MAX_WAIT_SECONDS`까지).',
      ),
      // No pattern: preferences that are not understood are ignored (RFC 7240).
      schema: { type: 'string', example: 'wait=20' },
    }),
    ApiResponse({
      status: 200,
      description: both(
        'The task has succeeded within the wait.',
        '기다리는 동안 작업이 성공했습니다.',
      ),
      headers: {
        'Preference-Applied': {
          description: both('The wait that was applied.', '적용된 대기 시간.'),
          schema: { type: 'string', example: 'wait=20' },
        },
      },
      schema: { $ref: getSchemaPath(TaskDto) },
    }),
    ApiResponse({
      status: 202,
      description: both(
        'The task is stored and goes on; read it at `Location`.',
        '작업이 저장되어 진행 중입니다. `Location`에서 조회하세요.',
      ),
      headers: {
        Location: {
          description: both('Address of the task.', '작업 주소.'),
          schema: { type: 'string', example: '/tasks/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d' },
        },
      },
      schema: { $ref: getSchemaPath(TaskDto) },
    }),
  );
