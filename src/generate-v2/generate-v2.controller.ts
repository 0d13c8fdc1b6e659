import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';

import { RequireScope } from '../access/require-scope.js';
import { ApiProblems, both } from '../common/http/api-docs.js';
import { ownerOf } from '../common/http/owner.js';
import { TASK_PROBLEMS } from '../generation/generate.problems.js';
import { GenerateService } from '../generation/generate.service.js';
import { ApiMockScenario, AskedScenario } from '../mock-scenarios/mock-scenario-header.js';
import { type MockScenario } from '../mock-scenarios/mock-scenario.js';
import { ApiTaskAnswers, readTaskHeaders } from '../tasks/task-request.js';
import { type JsonObject } from '../tasks/task.js';
import { GenerateV2Request } from './dto/generate-v2.dto.js';

const V2 = ['generated/v2', 'app/routers/v2', 'api/v2'];

@ApiTags('generate v2')
@Controller(V2)
export class GenerateV2Controller {
  constructor(private readonly generate: GenerateService) {}

  @Post('generate')
  @RequireScope('generate')
  @ApiOperation({
    summary: "Redesign a desk with the team's own model (v2)",
    description: both(
      'The same workflow as v1, drawn by the custom inference provider.',
      'v1과 같은 흐름이며 팀의 자체 모델이 그립니다.',
    ),
  })
  @ApiMockScenario()
  @ApiTaskAnswers()
  @ApiProblems(...TASK_PROBLEMS)
  redesign(
    @Body() body: GenerateV2Request,
    @Req() request: Request,
    @AskedScenario() scenario: MockScenario | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<JsonObject> {
    const headers = readTaskHeaders(request);
    return this.generate.submit(
      { kind: 'generate.v2', owner: ownerOf(request), body, headers, scenario },
      response,
    );
  }
}
