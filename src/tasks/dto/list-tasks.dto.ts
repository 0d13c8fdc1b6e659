import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';

import { both } from '../../common/http/api-docs.js';
import { TASK_STATUSES, type TaskStatus } from '../task.js';

export const TASK_KINDS = ['generate.v1', 'generate.v2', 'prompt.v1'] as const;

export class ListTasksQuery {
  @ApiProperty({
    required: false,
    enum: TASK_STATUSES,
    description: both('Only tasks in this state.', '이 상태의 작업만.'),
  })
  @IsOptional()
  @IsIn(TASK_STATUSES)
  status?: TaskStatus;

  @ApiProperty({
    required: false,
    enum: TASK_KINDS,
    description: both('Only tasks of this kind.', '이 종류의 작업만.'),
  })
  @IsOptional()
  @IsIn(TASK_KINDS)
  kind?: string;

  @ApiProperty({
    required: false,
    maxLength: 2048,
    description: both('Only tasks of this photo.', '이 사진의 작업만.'),
  })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  initial_image_url?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 20,
    description: both('Tasks on a page.', '페이지당 작업 수.'),
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit = 20;

  @ApiProperty({
    required: false,
    format: 'uuid',
    description: both('`next_cursor` of the page before.', '이전 페이지의 `next_cursor`.'),
  })
  @IsOptional()
  @IsUUID()
  cursor?: string;
}
