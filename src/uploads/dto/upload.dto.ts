import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

import { both } from '../../common/http/api-docs.js';
import { UPLOAD_METHODS, type UploadMethod } from '../../providers/image-store/image-store.port.js';

export const UPLOAD_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/gif',
] as const;

export type UploadType = (typeof UPLOAD_TYPES)[number];

export class UploadRequestDto {
  @ApiProperty({
    required: false,
    type: String,
    nullable: true,
    enum: [...UPLOAD_TYPES, null],
    default: 'image/jpeg',
    description: both('Content type of the photo you will send.', '보낼 사진의 콘텐츠 형식.'),
    example: 'image/jpeg',
  })
  @IsOptional()
  @IsIn(UPLOAD_TYPES, { message: `content_type must be one of ${UPLOAD_TYPES.join(', ')}` })
  content_type?: UploadType | null;

  @ApiProperty({
    required: false,
    type: String,
    nullable: true,
    enum: [...UPLOAD_METHODS, null],
    default: 'PUT',
    description: both(
      'How you will send it: `PUT` with the photo as body, or `POST` as a form, whose size the store itself limits. A store without forms answers with `PUT`.',
      '보내는 방법: 사진을 본문으로 보내는 `PUT`, 또는 저장소가 크기를 직접 제한하는 폼 `POST`. 폼을 지원하지 않는 저장소는 `PUT`으로 답합니다.',
    ),
    example: 'PUT',
  })
  @IsOptional()
  @IsIn(UPLOAD_METHODS, { message: `method must be one of ${UPLOAD_METHODS.join(', ')}` })
  method?: UploadMethod | null;
}

export class UploadResponseDto {
  @ApiProperty({
    enum: UPLOAD_METHODS,
    description: both(
      'Method of the upload; it may differ from what you asked for.',
      '업로드 메서드. 요청한 것과 다를 수 있습니다.',
    ),
    example: 'PUT',
  })
  method!: UploadMethod;

  @ApiProperty({
    format: 'uri',
    description: both(
      'Send the photo here before `expires_at`.',
      '`expires_at` 전에 이 주소로 사진을 보내세요.',
    ),
    example:
      'http://localhost:8080/uploads/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d-upload.jpg?expires=1763780000000&signature=abc',
  })
  upload_url!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: both(
      'Send exactly these headers; empty for `POST`.',
      '이 헤더를 그대로 보내세요. `POST`에서는 비어 있습니다.',
    ),
    example: { 'Content-Type': 'image/jpeg' },
  })
  headers!: Record<string, string>;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: both(
      'Fields of the form for `POST` (multipart/form-data): all of these, then the photo as last field `file`. Empty for `PUT`.',
      '`POST` 폼(multipart/form-data)의 필드: 모두 넣고 마지막에 사진을 `file` 필드로 넣으세요. `PUT`에서는 비어 있습니다.',
    ),
    example: {},
  })
  fields!: Record<string, string>;

  @ApiProperty({
    format: 'uri',
    maxLength: 255,
    description: both('Use this as `image_url` afterwards.', '업로드 후 `image_url`로 사용하세요.'),
    example: 'http://localhost:8080/images/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d-upload.jpg',
  })
  image_url!: string;

  @ApiProperty({
    type: 'integer',
    description: both('Largest photo in bytes.', '사진의 최대 바이트 수.'),
    example: 15728640,
  })
  max_bytes!: number;

  @ApiProperty({
    format: 'date-time',
    description: both('End of the link (UTC).', '링크 만료 시각(UTC).'),
    example: '2026-11-22T02:25:00.000Z',
  })
  expires_at!: string;
}

export class UploadedDto {
  @ApiProperty({
    format: 'uri',
    description: both('The stored photo.', '저장된 사진.'),
    example: 'http://localhost:8080/images/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d-upload.jpg',
  })
  image_url!: string;

  @ApiProperty({
    type: 'integer',
    description: both('Width in pixels.', '가로 화소 수.'),
    example: 1600,
  })
  width!: number;

  @ApiProperty({
    type: 'integer',
    description: both('Height in pixels.', '세로 화소 수.'),
    example: 1067,
  })
  height!: number;
}
