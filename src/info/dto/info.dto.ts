import { ApiProperty } from '@nestjs/swagger';

import { both } from '../../common/http/api-docs.js';
import { CONCEPTS, type Concept } from '../../generation/domain/concept.js';
import { MOCK_SCENARIOS, type MockScenario } from '../../mock-scenarios/mock-scenario.js';

export class BoundProviderDto {
  @ApiProperty({ description: both('Adapter.', '어댑터.'), example: 'embedded' })
  name!: string;

  @ApiProperty({ description: both('Model.', '모델.'), example: 'retouch-1' })
  model!: string;

  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description: both(
      'When the vendor shuts the model down; null when no date is known.',
      '공급자가 모델을 종료하는 날짜. 알려진 날짜가 없으면 null.',
    ),
    example: null,
  })
  retires_on!: string | null;
}

export class InfoProvidersDto {
  @ApiProperty({ type: BoundProviderDto })
  prompt_writer!: BoundProviderDto;

  @ApiProperty({
    type: BoundProviderDto,
    description: both('Draws for v1.', 'v1의 이미지를 그림.'),
  })
  image_generator_v1!: BoundProviderDto;

  @ApiProperty({
    type: BoundProviderDto,
    description: both('Draws for v2.', 'v2의 이미지를 그림.'),
  })
  image_generator_v2!: BoundProviderDto;

  @ApiProperty({ description: both('Finds products.', '상품 검색.'), example: 'catalogue' })
  product_search!: string;

  @ApiProperty({ description: both('Keeps images.', '이미지 저장.'), example: 'local' })
  image_store!: string;
}

export class InfoClassifierDto {
  @ApiProperty({ description: both('Name.', '이름.'), example: 'desk-efficientnet-lite0' })
  name!: string;

  @ApiProperty({ description: both('Version.', '버전.'), example: '0.1.0' })
  version!: string;

  @ApiProperty({
    pattern: '^[0-9a-f]{64}$',
    description: both('SHA-256 of the model file.', '모델 파일의 SHA-256.'),
    example: 'a'.repeat(64),
  })
  sha256!: string;

  @ApiProperty({
    description: both('A desk from this probability on.', '이 확률 이상이면 책상.'),
    example: 0.5,
  })
  threshold!: number;

  @ApiProperty({
    type: 'integer',
    description: both('Input width in pixels.', '입력 가로 화소.'),
    example: 224,
  })
  input_width!: number;

  @ApiProperty({
    type: 'integer',
    description: both('Input height in pixels.', '입력 세로 화소.'),
    example: 224,
  })
  input_height!: number;
}

export class InfoLimitsDto {
  @ApiProperty({
    type: 'integer',
    description: both('Largest photo in bytes.', '사진의 최대 바이트.'),
    example: 15728640,
  })
  image_max_bytes!: number;

  @ApiProperty({
    type: 'integer',
    description: both('Largest photo in pixels.', '사진의 최대 화소.'),
    example: 50000000,
  })
  image_max_pixels!: number;

  @ApiProperty({
    type: 'integer',
    description: both('Time for a download in ms.', '다운로드 제한(ms).'),
    example: 10000,
  })
  image_timeout_ms!: number;

  @ApiProperty({
    type: 'integer',
    description: both('Tasks that may wait.', '대기 가능한 작업 수.'),
    example: 1000,
  })
  task_queue_limit!: number;

  @ApiProperty({
    type: 'integer',
    description: both('Tasks side by side.', '동시 작업 수.'),
    example: 4,
  })
  task_concurrency!: number;

  @ApiProperty({
    type: 'integer',
    description: both('Longest `Prefer: wait` in s.', '`Prefer: wait` 최대(초).'),
    example: 25,
  })
  max_wait_seconds!: number;
}

export class InferenceServerDto {
  @ApiProperty({
    enum: ['up', 'degraded'],
    description: both('State of the server.', '서버 상태.'),
    example: 'up',
  })
  status!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: both('Model that the server names.', '서버가 알려 준 모델 이름.'),
    example: 'desk-redesign',
  })
  name!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: both('Version that the server names.', '서버가 알려 준 버전.'),
    example: '1',
  })
  version!: string | null;
}

export class ModelNoticeDto {
  @ApiProperty({ description: both('Model.', '모델.'), example: 'gpt-image-1.5' })
  model!: string;

  @ApiProperty({
    enum: ['missing', 'shutting_down'],
    description: both('What is the matter with it.', '문제.'),
    example: 'shutting_down',
  })
  problem!: string;

  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description: both('When the vendor switches it off.', '공급자가 종료하는 날짜.'),
    example: '2026-12-01',
  })
  shutdown_date!: string | null;

  @ApiProperty({
    description: both('What the operator should do.', '운영자가 할 일.'),
    example: 'gpt-image-1.5 is switched off on 2026-12-01: choose another model.',
  })
  message!: string;
}

export class InfoDto {
  @ApiProperty({ example: 'desk-ai' })
  name!: string;

  @ApiProperty({ description: both('Version of the service.', '서비스 버전.'), example: '0.1.0' })
  version!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    pattern: '^[0-9a-f]{7,64}$',
    description: both('Git commit; null when it is not known.', 'Git 커밋. 알 수 없으면 null.'),
    example: '1ddbf78e6a737ac9cc2ee694dbe21f620caf55ab',
  })
  commit!: string | null;

  @ApiProperty({
    type: 'integer',
    description: both('Seconds since start.', '시작 후 경과 시간(초).'),
    example: 3600,
  })
  uptime_seconds!: number;

  @ApiProperty({ type: InfoProvidersDto })
  providers!: InfoProvidersDto;

  @ApiProperty({
    type: InferenceServerDto,
    nullable: true,
    description: both(
      "The team's own inference server; null when v2 does not use one.",
      '팀의 자체 추론 서버. v2가 사용하지 않으면 null.',
    ),
    example: null,
  })
  inference_server!: InferenceServerDto | null;

  @ApiProperty({
    type: [ModelNoticeDto],
    description: both('Models that are missing or being retired.', '없거나 종료 예정인 모델.'),
    example: [],
  })
  model_notices!: ModelNoticeDto[];

  @ApiProperty({
    type: InfoClassifierDto,
    nullable: true,
    description: both(
      'The desk classifier; null in an instance with `ROLE=api` that has no model.',
      '책상 분류기. 모델 없이 실행 중인 `ROLE=api` 서버에서는 null.',
    ),
  })
  classifier!: InfoClassifierDto | null;

  @ApiProperty({
    description: both(
      'Longest side of what the embedded generator draws, in pixels.',
      '내장 생성기 결과의 최대 변(화소).',
    ),
    type: 'integer',
    example: 1536,
  })
  output_resolution!: number;

  @ApiProperty({
    enum: CONCEPTS,
    isArray: true,
    description: both('Looks to choose from.', '선택 가능한 콘셉트.'),
    example: CONCEPTS,
  })
  concepts!: readonly Concept[];

  @ApiProperty({ type: InfoLimitsDto })
  limits!: InfoLimitsDto;

  @ApiProperty({
    type: [String],
    description: both(
      'Settings that are not at their defaults; names only, never values.',
      '기본값과 다른 설정의 이름(값은 표시하지 않음).',
    ),
    example: ['API_KEYS', 'DATABASE_URL'],
  })
  changed_settings!: readonly string[];

  @ApiProperty({
    enum: MOCK_SCENARIOS,
    isArray: true,
    description: both(
      'What `X-Mock-Scenario` may ask for; empty while `MOCK_SCENARIOS` is off.',
      '`X-Mock-Scenario`로 요청할 수 있는 시나리오. `MOCK_SCENARIOS`가 꺼져 있으면 빈 목록.',
    ),
    example: [],
  })
  mock_scenarios!: readonly MockScenario[];
}
