import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

import { both } from '../../common/http/api-docs.js';
import { CallbackUrlField, ImageUrlField } from '../../common/http/image-url.js';
import { CONCEPTS, type Concept, DEFAULT_CONCEPT } from '../../generation/domain/concept.js';
import {
  VERDICT_REASONS,
  type VerdictReason,
} from '../../providers/desk-classifier/desk-classifier.port.js';

export class ClassifyRequest {
  @ImageUrlField()
  initial_image_url!: string;

  @ApiProperty({
    required: false,
    type: String,
    nullable: true,
    enum: [...CONCEPTS, null],
    default: DEFAULT_CONCEPT,
    description: both(
      'Look of the picture, when a task follows (`CLASSIFY_FOLLOW_UP=generate`).',
      '이어서 작업을 시작할 때의 이미지 콘셉트(`CLASSIFY_FOLLOW_UP=generate`).',
    ),
    example: DEFAULT_CONCEPT,
  })
  @IsOptional()
  @IsIn(CONCEPTS, { message: `concept must be one of ${CONCEPTS.join(', ')}` })
  concept?: Concept | null;

  @CallbackUrlField()
  @IsOptional()
  callback_url?: string | null;
}

export class VerdictTipDto {
  @ApiProperty({
    description: both('Tip in Korean.', '한국어 도움말.'),
    example: '책상이 화면의 절반 이상 보이도록 한두 걸음 물러나서 찍어 주세요.',
  })
  ko!: string;

  @ApiProperty({
    description: both('Tip in English.', '영어 도움말.'),
    example: 'Step back a little so that the desk fills at least half of the photo.',
  })
  en!: string;
}

export class ClassifyResponse {
  @ApiProperty({
    description: both('The address as it was sent.', '요청에 보낸 사진 주소 그대로.'),
    example: 'https://bucket.s3.amazonaws.com/images/12.png',
  })
  initial_image_url!: string;

  @ApiProperty({ description: both('Is it a desk?', '책상 사진인지 여부.'), example: true })
  classify!: boolean;

  @ApiProperty({
    type: Number,
    minimum: 0,
    maximum: 1,
    description: both('Probability that the photo shows a desk.', '책상 사진일 확률.'),
    example: 0.98,
  })
  confidence!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    enum: [...VERDICT_REASONS, null],
    description: both('Why not; null for a desk.', '아닌 이유. 책상이면 null.'),
    example: null,
  })
  reason!: VerdictReason | null;

  @ApiProperty({
    type: VerdictTipDto,
    nullable: true,
    description: both(
      'What the person can do about it; null for a desk.',
      '사용자가 할 수 있는 일. 책상이면 null.',
    ),
    example: null,
  })
  tip!: VerdictTipDto | null;

  @ApiProperty({
    description: both('Model that decided.', '판정한 모델.'),
    example: 'desk-efficientnet-lite0@0.1.0',
  })
  model!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: both('The task that was started, if one was.', '시작된 작업의 식별자(있는 경우).'),
    example: null,
  })
  task_id!: string | null;
}
