import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';

import { both } from '../common/http/api-docs.js';
import { CallbackUrlField, ImageUrlField } from '../common/http/image-url.js';
import { CONCEPTS, type Concept, DEFAULT_CONCEPT } from './domain/concept.js';

const MAX_SEED = 2_147_483_647;

/** What both generate routes take; each version has a class of its own in its `dto/` folder. */
export abstract class DeskPhotoRequest {
  @ImageUrlField()
  image_url!: string;

  @ApiProperty({
    required: false,
    type: String,
    nullable: true,
    enum: [...CONCEPTS, null],
    default: DEFAULT_CONCEPT,
    description: both('Look of the picture.', '이미지 콘셉트.'),
    example: DEFAULT_CONCEPT,
  })
  @IsOptional()
  @IsIn(CONCEPTS, { message: `concept must be one of ${CONCEPTS.join(', ')}` })
  concept?: Concept | null;

  @CallbackUrlField()
  @IsOptional()
  callback_url?: string | null;

  @ApiProperty({
    required: false,
    type: 'integer',
    nullable: true,
    minimum: 0,
    maximum: MAX_SEED,
    description: both(
      'The same seed gives the same picture where the generator can promise that.',
      '생성기가 지원하면 같은 시드는 같은 이미지를 만듭니다.',
    ),
    example: 42,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_SEED)
  seed?: number | null;
}
