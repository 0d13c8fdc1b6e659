import { ApiProperty } from '@nestjs/swagger';

import { both } from '../../common/http/api-docs.js';

export class DeliveryAttemptDto {
  @ApiProperty({
    format: 'date-time',
    description: both('When it was sent (UTC).', '보낸 시각(UTC).'),
    example: '2026-11-22T02:10:04.000Z',
  })
  at!: string;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: both(
      'HTTP status of the receiver; null when it did not answer.',
      '수신 서버의 HTTP 상태. 응답이 없으면 null.',
    ),
    example: 200,
  })
  status!: number | null;

  @ApiProperty({ type: 'integer', description: both('Milliseconds.', '밀리초.'), example: 34 })
  latency_ms!: number;

  @ApiProperty({ description: both('Outcome in a word.', '결과를 나타내는 단어.'), example: 'ok' })
  reason!: string;
}

export class DeliveryDto {
  @ApiProperty({
    description: both(
      '`webhook-id`, the same at every attempt.',
      '모든 시도에서 같은 `webhook-id`.',
    ),
    example: 'msg_0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d',
  })
  id!: string;

  @ApiProperty({
    description: both('Receiver.', '수신 주소.'),
    example: 'https://backend.example.com/ai/callback',
  })
  url!: string;

  @ApiProperty({
    enum: ['pending', 'delivered', 'failed'],
    description: both('`failed`: given up.', '`failed`는 포기했음을 뜻합니다.'),
    example: 'delivered',
  })
  status!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: both('Next attempt; null when none is planned.', '다음 시도 시각. 없으면 null.'),
    example: null,
  })
  next_attempt_at!: string | null;

  @ApiProperty({
    type: [DeliveryAttemptDto],
    description: both('Every attempt so far.', '지금까지의 모든 시도.'),
  })
  attempts!: DeliveryAttemptDto[];
}

export class DeliveryListDto {
  @ApiProperty({
    type: [DeliveryDto],
    description: both('Callbacks of this task.', '이 작업의 콜백.'),
  })
  deliveries!: DeliveryDto[];
}
