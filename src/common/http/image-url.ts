import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength, registerDecorator, type ValidationOptions } from 'class-validator';

import { both } from './api-docs.js';

const MAX_URL_LENGTH = 2_048;

/**
 * An absolute URL of any scheme. Which schemes and hosts are allowed is the address gate's decision:
 * `ftp://...` is understood and refused with `image_url_forbidden`, `desk.jpg` is no URL at all.
 */
const IsAbsoluteUrl =
  (options: ValidationOptions): PropertyDecorator =>
  (target, propertyName) => {
    registerDecorator({
      name: 'isAbsoluteUrl',
      target: target.constructor,
      propertyName: String(propertyName),
      options,
      validator: { validate: (value) => typeof value === 'string' && URL.canParse(value) },
    });
  };

export const ImageUrlField = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      format: 'uri',
      maxLength: MAX_URL_LENGTH,
      description: both(
        'Public http(s) address of the photo, or an `image_url` from `POST /uploads`.',
        '사진의 공개 http(s) 주소 또는 `POST /uploads`가 준 `image_url`.',
      ),
      example: 'https://bucket.s3.amazonaws.com/images/12.png',
    }),
    IsString(),
    MaxLength(MAX_URL_LENGTH),
    IsAbsoluteUrl({ message: '$property must be an absolute http(s) address' }),
  );

export const CallbackUrlField = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      required: false,
      type: String,
      nullable: true,
      format: 'uri',
      maxLength: MAX_URL_LENGTH,
      description: both(
        'Who is called back; used if its host is in `CALLBACK_ALLOWED_HOSTS`, else `CALLBACK_URL` is.',
        '콜백 주소. 호스트가 `CALLBACK_ALLOWED_HOSTS`에 있으면 사용하고, 아니면 `CALLBACK_URL`을 사용합니다.',
      ),
      example: 'https://backend.example.com/ai/callback',
    }),
    IsString(),
    MaxLength(MAX_URL_LENGTH),
    IsAbsoluteUrl({ message: '$property must be an absolute http(s) address' }),
  );
