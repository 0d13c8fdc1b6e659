import { ValidationPipe } from '@nestjs/common';
import { type ValidationError } from 'class-validator';

import { type FieldError, RequestError } from '../errors/errors.js';
import { toKorean } from './validation-messages.js';

const BODY = 'body';
const TYPES = new Set(['isString', 'isInt', 'isNumber', 'isBoolean', 'isArray', 'isObject']);

const toFieldErrors = (errors: readonly ValidationError[], parent = ''): FieldError[] =>
  errors.flatMap((error) => {
    const property = error.property ?? BODY;
    const field = parent === '' ? property : `${parent}.${property}`;
    return [
      ...mostTelling(error).map(([name, message]) => ({
        field,
        message: name === 'unknownValue' ? 'the body must be a JSON object' : message,
        messageKo: toKorean(error, name, field),
      })),
      ...toFieldErrors(error.children ?? [], field),
    ];
  });

/** "must be a string" says enough without "must be shorter than 2048 characters". */
const mostTelling = ({ constraints = {} }: ValidationError): [string, string][] => {
  const all = Object.entries(constraints);
  const wrongType = all.find(([name]) => TYPES.has(name));
  return wrongType ? [wrongType] : all;
};

/** Validates bodies and queries; every wrong field is named at once. Unknown fields are ignored. */
export const createValidationPipe = (): ValidationPipe =>
  new ValidationPipe({
    transform: true,
    whitelist: true,
    // Which class declared a field: the Korean messages need its limits.
    validationError: { target: true, value: false },
    exceptionFactory: (errors) => {
      const fields = toFieldErrors(errors);
      const names = [...new Set(fields.map(({ field }) => field))].join(', ');
      return new RequestError('validation_failed', `Correct these fields: ${names}.`, fields, {
        messageKo: `다음 필드를 고쳐 주세요: ${names}.`,
      });
    },
  });
