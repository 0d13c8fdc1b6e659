import { ApiProperty } from '@nestjs/swagger';

import { both } from '../../common/http/api-docs.js';

export class LivenessDto {
  @ApiProperty({ enum: ['ok'], description: both('Always `ok`.', '항상 `ok`.'), example: 'ok' })
  status!: 'ok';
}

export class HealthcheckDto {
  @ApiProperty({
    enum: ['healthy'],
    description: both('Always `healthy` with 200.', '200이면 항상 `healthy`.'),
    example: 'healthy',
  })
  status!: 'healthy';
}

export class UnhealthyDto {
  @ApiProperty({
    enum: ['unhealthy'],
    description: both('Always `unhealthy` with 503.', '503이면 항상 `unhealthy`.'),
    example: 'unhealthy',
  })
  status!: 'unhealthy';

  @ApiProperty({
    type: 'array',
    items: { type: 'string' },
    description: both(
      'Checks that are down; empty while the service shuts down. `/health` says why.',
      '비정상인 점검 항목. 종료 중에는 비어 있습니다. 이유는 `/health`에 있습니다.',
    ),
    example: ['gpu'],
  })
  failed!: readonly string[];
}

type Statuses = readonly ('up' | 'degraded' | 'down')[];

const indicators = (
  statuses: Statuses,
  en: string,
  ko: string,
  example: object,
): Parameters<typeof ApiProperty>[0] => ({
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: {
      status: { type: 'string', enum: [...statuses] },
      message: {
        type: 'string',
        description: both('Why it is not up.', '정상이 아닌 이유.'),
      },
      checked_at: {
        type: ['string', 'null'],
        format: 'date-time',
        description: both(
          'When it was last checked; null before the first time.',
          '마지막 점검 시각. 첫 점검 전에는 null.',
        ),
      },
      duration_ms: {
        type: ['number', 'null'],
        description: both('How long that took, ms.', '점검에 걸린 시간(ms).'),
      },
    },
    required: ['status', 'checked_at', 'duration_ms'],
    additionalProperties: true,
  },
  description: both(en, ko),
  example,
});

const CLASSIFIER = {
  classifier: {
    status: 'up',
    checked_at: '2026-11-22T09:00:00.000Z',
    duration_ms: 0,
    model: 'desk-efficientnet-lite0@1.0.0',
  },
};

const TASK_STORE = {
  task_store: {
    status: 'degraded',
    message: 'The task store does not answer.',
    checked_at: '2026-11-22T09:00:00.000Z',
    duration_ms: 12,
    kind: 'postgresql',
  },
};

const GPU = {
  gpu: {
    status: 'down',
    message: 'A GPU is lost: reset it or reboot.',
    checked_at: '2026-11-22T09:00:00.000Z',
    duration_ms: 180,
  },
};

/** The shape of @nestjs/terminus. */
export class HealthDto {
  @ApiProperty({
    enum: ['ok', 'degraded'],
    description: both(
      '`degraded`: something that all instances share is in trouble; this one still serves.',
      '`degraded`: 모든 인스턴스가 공유하는 요소에 문제가 있지만 이 인스턴스는 계속 응답합니다.',
    ),
    example: 'degraded',
  })
  status!: 'ok' | 'degraded';

  @ApiProperty(
    indicators(['up', 'degraded'], 'What is up or degraded.', '정상 또는 저하된 항목.', {
      ...CLASSIFIER,
      ...TASK_STORE,
    }),
  )
  info!: Record<string, { status: string }>;

  @ApiProperty(indicators(['down'], 'Empty with 200.', '200이면 비어 있음.', {}))
  error!: Record<string, { status: string }>;

  @ApiProperty(
    indicators(['up', 'degraded', 'down'], 'Everything.', '전체 항목.', {
      ...CLASSIFIER,
      ...TASK_STORE,
    }),
  )
  details!: Record<string, { status: string }>;
}

export class NotReadyDto {
  @ApiProperty({
    enum: ['error', 'shutting_down'],
    description: both(
      '`error`: see what is down (right after the start: not checked yet). `shutting_down`: SIGTERM was received.',
      '`error`: 비정상 항목을 보세요(시작 직후에는 아직 점검 전). `shutting_down`: SIGTERM을 받았습니다.',
    ),
    example: 'error',
  })
  status!: 'error' | 'shutting_down';

  @ApiProperty(
    indicators(['up', 'degraded'], 'What is up or degraded.', '정상 또는 저하된 항목.', CLASSIFIER),
  )
  info!: Record<string, { status: string }>;

  @ApiProperty(indicators(['down'], 'What is down.', '비정상 항목.', GPU))
  error!: Record<string, { status: string }>;

  @ApiProperty(
    indicators(['up', 'degraded', 'down'], 'Everything.', '전체 항목.', { ...CLASSIFIER, ...GPU }),
  )
  details!: Record<string, { status: string }>;
}
