import { ApiProperty } from '@nestjs/swagger';

import { ERROR_CODE_NAMES, type ErrorCode } from '../errors/error-codes.js';

export class FieldErrorDto {
  @ApiProperty({ description: 'Path of the field.\n\n필드 경로.', example: 'image_url' })
  field!: string;

  @ApiProperty({
    description: 'What is wrong with it.\n\n잘못된 점.',
    example: 'image_url must be an http(s) address',
  })
  message!: string;
}

/** RFC 9457 problem document. */
export class ProblemDto {
  @ApiProperty({
    description: 'Reference to the documentation of the code.\n\n오류 코드 문서의 주소.',
    format: 'uri-reference',
    example: '/docs/errors#not_a_desk',
  })
  type!: string;

  @ApiProperty({
    description:
      'Short summary, the same for every occurrence.\n\n오류 요약. 같은 코드면 항상 같습니다.',
    example: 'The photo does not show a desk',
  })
  title!: string;

  @ApiProperty({ description: 'HTTP status.\n\nHTTP 상태 코드.', type: 'integer', example: 422 })
  status!: number;

  @ApiProperty({
    description: 'What happened this time and what to do.\n\n이번에 일어난 일과 해야 할 일.',
    example: 'No desk was found in the photo. Desk probability: 3.1 %.',
  })
  detail!: string;

  @ApiProperty({
    description: 'Stable code to branch on.\n\n분기에 사용할 고정 코드.',
    enum: ERROR_CODE_NAMES,
    example: 'not_a_desk',
  })
  code!: ErrorCode;

  @ApiProperty({
    description: 'Path of the request.\n\n요청 경로.',
    example: '/generated/v1/generate',
  })
  instance!: string;

  @ApiProperty({
    description: 'Tell us this when you ask for help.\n\n문의할 때 알려 주세요.',
    example: '4f7c2b1e-9d0a-4f7e-8b3a-2f6f0c1d2e3f',
  })
  request_id!: string;

  @ApiProperty({
    description: 'Every wrong field (`validation_failed` only).\n\n잘못된 모든 필드.',
    type: [FieldErrorDto],
    required: false,
  })
  errors?: readonly FieldErrorDto[];

  @ApiProperty({
    description: 'The task that ended this way, if there is one.\n\n이렇게 끝난 작업(있는 경우).',
    format: 'uuid',
    required: false,
  })
  task_id?: string;
}
