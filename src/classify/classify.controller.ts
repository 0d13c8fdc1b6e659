import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';

import { RequireScope } from '../access/require-scope.js';
import { ApiProblems, both } from '../common/http/api-docs.js';
import { goneSignal } from '../common/http/gone.js';
import { ownerOf } from '../common/http/owner.js';
import { PHOTO_PROBLEMS } from '../generation/generate.problems.js';
import { ApiMockScenario, AskedScenario } from '../mock-scenarios/mock-scenario-header.js';
import { type MockScenario } from '../mock-scenarios/mock-scenario.js';
import { ClassifyService } from './classify.service.js';
import { ClassifyRequest, ClassifyResponse } from './dto/classify.dto.js';

@ApiTags('classify')
@Controller(['classify', 'app/routers/classify'])
export class ClassifyController {
  constructor(private readonly service: ClassifyService) {}

  @Post()
  @RequireScope('classify')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Is this photo a desk?',
    description: both(
      'Answers 200 for yes and for no; what follows a yes is the setting `CLASSIFY_FOLLOW_UP`.',
      '책상이든 아니든 200으로 답합니다. 책상일 때의 후속 동작은 `CLASSIFY_FOLLOW_UP` 설정입니다.',
    ),
  })
  @ApiMockScenario()
  @ApiOkResponse({ type: ClassifyResponse, description: both('The verdict.', '판정 결과.') })
  @ApiProblems(
    ...PHOTO_PROBLEMS,
    'rate_limited',
    'queue_full',
    'provider_failed',
    'provider_unavailable',
  )
  classify(
    @Body() body: ClassifyRequest,
    @Req() request: Request,
    @AskedScenario() scenario: MockScenario | undefined,
  ): Promise<ClassifyResponse> {
    const asked = { body, owner: ownerOf(request), scenario };
    return this.service.classify(asked, goneSignal(request));
  }
}
