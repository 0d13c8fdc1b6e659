import { ValidationPipe } from '@nestjs/common';
import { type ValidationError } from 'class-validator';

import { type FieldError, RequestError } from '../errors/errors.js';

const toFieldErrors = (errors: readonly ValidationError[], parent = ''): FieldError[] =>
  errors.flatMap((error) => {
    const field = parent === '' ? error.property : `${parent}.${error.property}`;
    return [
      ...Object.values(error.constraints ?? {}).map((message) => ({ field, message })),
      ...toFieldErrors(error.children ?? [], field),
    ];
  });

/** Validates bodies and queries; every wrong field is named at once. Unknown fields are ignored. */
export const createValidationPipe = (): ValidationPipe =>
  new ValidationPipe({
    transform: true,
    whitelist: true,
    exceptionFactory: (errors) => {
      const fields = toFieldErrors(errors);
      return new RequestError(
        'validation_failed',
        `Correct these fields: ${[...new Set(fields.map(({ field }) => field))].join(', ')}.`,
        fields,
      );
    },
  });
