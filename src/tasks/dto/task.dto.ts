import { ApiProperty } from '@nestjs/swagger';

import { ERROR_CODE_NAMES, type ErrorCode } from '../../common/errors/error-codes.js';
import { both } from '../../common/http/api-docs.js';
import { CONCEPTS, type Concept } from '../../generation/domain/concept.js';
import { ProductGroupDto, RecommendedItemDto } from './product.dto.js';
import { TASK_STATUSES, type TaskStatus } from '../task.js';

export class TaskProgressDto {
  @ApiProperty({
    type: String,
    nullable: true,
    description: both('Step that started last.', '마지막으로 시작한 단계.'),
    example: 'generate_image',
  })
  step!: string | null;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 100,
    description: both('How far the task is.', '진행률(%).'),
    example: 45,
  })
  percent!: number;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    nullable: true,
    description: both(
      '1 is next; null when not waiting.',
      '1이면 다음 차례. 대기 중이 아니면 null.',
    ),
    example: null,
  })
  queue_position!: number | null;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    nullable: true,
    description: both(
      'Estimate from recent tasks, in seconds; null when unknown.',
      '최근 작업으로 추정한 남은 시간(초). 알 수 없으면 null.',
    ),
    example: 12,
  })
  eta_seconds!: number | null;
}

export class TaskProviderDto {
  @ApiProperty({
    type: String,
    nullable: true,
    description: both('Who wrote the prompt.', '프롬프트를 작성한 제공자.'),
    example: 'embedded',
  })
  vision!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: both('Who drew the picture.', '이미지를 그린 제공자.'),
    example: 'embedded',
  })
  image!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: both('Who found the products.', '상품을 찾은 제공자.'),
    example: 'catalogue',
  })
  products!: string | null;
}

export class TaskErrorDto {
  @ApiProperty({
    enum: ERROR_CODE_NAMES,
    description: both('Stable code.', '고정 오류 코드.'),
    example: 'not_a_desk',
  })
  code!: ErrorCode;

  @ApiProperty({
    description: both('What happened.', '일어난 일.'),
    example: 'No desk was found in the photo. Desk probability: 3.1 %.',
  })
  message!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: both('Facts behind it, for example the score.', '근거가 되는 값(예: 점수).'),
    example: { confidence: 0.031, reason: 'no_desk' },
  })
  details!: Record<string, unknown>;
}

export class ProviderCallDto {
  @ApiProperty({ description: both('Provider.', '제공자.'), example: 'openai' })
  provider!: string;

  @ApiProperty({ description: both('Operation.', '작업.'), example: 'images.edit' })
  operation!: string;

  @ApiProperty({ description: both('Model.', '모델.'), example: 'gpt-image-2.6-flare' })
  model!: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: both(
      'US dollars; null when the price is not known.',
      '미국 달러. 가격을 모르면 null.',
    ),
    example: 0.01,
  })
  usd!: number | null;

  @ApiProperty({ type: 'integer', description: both('Milliseconds.', '밀리초.'), example: 8200 })
  duration_ms!: number;
}

export class TaskCostDto {
  @ApiProperty({
    type: Number,
    nullable: true,
    description: both(
      'Sum in US dollars; null when a price is not known.',
      '합계(달러). 모르는 가격이 있으면 null.',
    ),
    example: 0,
  })
  usd!: number | null;

  @ApiProperty({
    type: [ProviderCallDto],
    description: both('Paid calls.', '유료 호출 목록.'),
    example: [],
  })
  calls!: ProviderCallDto[];
}

export class TaskDto {
  @ApiProperty({
    format: 'uuid',
    description: both('Identifier of the task.', '작업 식별자.'),
    example: '0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d',
  })
  task_id!: string;

  @ApiProperty({
    enum: ['generate.v1', 'generate.v2', 'prompt.v1'],
    description: both('What kind of work it is.', '작업 종류.'),
    example: 'generate.v1',
  })
  kind!: string;

  @ApiProperty({
    enum: TASK_STATUSES,
    description: both(
      '`rejected`: the photo is no desk. `succeeded`, `rejected`, `failed` and `canceled` are final.',
      '`rejected`는 책상 사진이 아님을 뜻합니다. `succeeded`, `rejected`, `failed`, `canceled`는 최종 상태입니다.',
    ),
    example: 'succeeded',
  })
  status!: TaskStatus;

  @ApiProperty({ type: TaskProgressDto })
  progress!: TaskProgressDto;

  @ApiProperty({
    description: both('The address as it was sent.', '요청에 보낸 사진 주소 그대로.'),
    example: 'https://bucket.s3.amazonaws.com/images/12.png',
  })
  initial_image_url!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    maxLength: 255,
    description: both(
      'Permanent link of the redesigned desk; null until there is one.',
      '바뀐 책상 이미지의 영구 링크. 아직 없으면 null.',
    ),
    example: 'http://localhost:8080/images/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d.jpg',
  })
  processed_image_url!: string | null;

  @ApiProperty({
    type: [ProductGroupDto],
    description: both('Products for each recommended item.', '추천 아이템별 상품.'),
  })
  products!: ProductGroupDto[];

  @ApiProperty({
    enum: CONCEPTS,
    description: both('Look of the picture.', '이미지 콘셉트.'),
    example: 'BASIC',
  })
  concept!: Concept;

  @ApiProperty({
    type: String,
    nullable: true,
    description: both(
      'English image prompt; null until written.',
      '영어 이미지 프롬프트. 작성 전에는 null.',
    ),
    example: 'A bright, tidy desk by the window, warm light from a small lamp ...',
  })
  prompt!: string | null;

  @ApiProperty({
    type: [RecommendedItemDto],
    description: both('Items worth buying for this desk.', '이 책상에 추천하는 아이템.'),
  })
  items!: RecommendedItemDto[];

  @ApiProperty({ type: TaskProviderDto })
  provider!: TaskProviderDto;

  @ApiProperty({
    type: [String],
    description: both(
      'What did not go as planned without failing the task.',
      '작업은 계속되었지만 계획과 달랐던 점.',
    ),
    example: [],
  })
  warnings!: string[];

  @ApiProperty({
    type: TaskErrorDto,
    nullable: true,
    description: both('Why it ended badly; null otherwise.', '실패 또는 거절 이유. 없으면 null.'),
    example: null,
  })
  error!: TaskErrorDto | null;

  @ApiProperty({ type: TaskCostDto })
  cost!: TaskCostDto;

  @ApiProperty({
    format: 'date-time',
    description: both('Created (UTC).', '생성 시각(UTC).'),
    example: '2026-11-22T02:10:00.000Z',
  })
  created_at!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: both('Started (UTC).', '시작 시각(UTC).'),
    example: '2026-11-22T02:10:00.012Z',
  })
  started_at!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: both('Ended (UTC).', '종료 시각(UTC).'),
    example: '2026-11-22T02:10:03.480Z',
  })
  finished_at!: string | null;
}

export class TaskListDto {
  @ApiProperty({ type: [TaskDto], description: both('Newest first.', '최신순.') })
  tasks!: TaskDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: both(
      'Send it as `cursor` for the next page; null on the last one.',
      '다음 페이지를 받으려면 `cursor`로 보내세요. 마지막이면 null.',
    ),
    example: null,
  })
  next_cursor!: string | null;
}
