import { ApiProperty } from '@nestjs/swagger';

import { both } from '../../common/http/api-docs.js';

export class LivenessDto {
  @ApiProperty({ enum: ['ok'], description: both('Always `ok`.', '항상 `ok`.'), example: 'ok' })
  status!: 'ok';
}

export class HealthcheckDto {
  @ApiProperty({
    enum: ['healthy', 'unhealthy'],
    description: both(
      '`healthy` with 200, `unhealthy` with 503.',
      '200이면 `healthy`, 503이면 `unhealthy`.',
    ),
    example: 'healthy',
  })
  status!: 'healthy' | 'unhealthy';
}

const indicators = (
  en: string,
  ko: string,
  example: object,
): Parameters<typeof ApiProperty>[0] => ({
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: { status: { type: 'string' } },
    required: ['status'],
    additionalProperties: true,
  },
  description: both(en, ko),
  example,
});

/** The shape of @nestjs/terminus. */
export class HealthDto {
  @ApiProperty({
    enum: ['ok', 'degraded', 'error', 'shutting_down'],
    description: both('Overall state.', '전체 상태.'),
    example: 'ok',
  })
  status!: string;

  @ApiProperty(indicators('What is up.', '정상 항목.', { classifier: { status: 'up' } }))
  info!: Record<string, { status: string }>;

  @ApiProperty(indicators('What is down.', '비정상 항목.', {}))
  error!: Record<string, { status: string }>;

  @ApiProperty(indicators('Everything.', '전체 항목.', { classifier: { status: 'up' } }))
  details!: Record<string, { status: string }>;
}
