import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';

import { RequireScope } from '../access/require-scope.js';
import { ApiProblems, both } from '../common/http/api-docs.js';
import { GenerateService } from '../generation/generate.service.js';
import { ownerOf } from '../common/http/owner.js';
import { TASK_PROBLEMS } from '../generation/generate.problems.js';
import { ApiMockScenario, AskedScenario } from '../mock-scenarios/mock-scenario-header.js';
import { type MockScenario } from '../mock-scenarios/mock-scenario.js';
import { ApiTaskAnswers, readTaskHeaders } from '../tasks/task-request.js';
import { type JsonObject } from '../tasks/task.js';
import { GenerateV1Request, PromptV1Request } from './dto/generate-v1.dto.js';

const V1 = ['generated/v1', 'app/routers/v1', 'api/v1'];

/** Waits by default: the prompt is one short call, and its callers expect it in the answer. */
const PROMPT_DEFAULT_WAIT_MS = 25_000;

@ApiTags('generate v1')
@Controller(V1)
export class GenerateV1Controller {
  constructor(private readonly generate: GenerateService) {}

  @Post('generate')
  @RequireScope('generate')
  @ApiOperation({
    summary: 'Redesign a desk (v1)',
    description: both(
      'Full image-to-image workflow: photo, prompt, picture, products, callback.',
      '사진에서 프롬프트, 이미지, 상품, 콜백까지의 전체 흐름입니다.',
    ),
  })
  @ApiMockScenario()
  @ApiTaskAnswers()
  @ApiProblems(...TASK_PROBLEMS)
  redesign(
    @Body() body: GenerateV1Request,
    @Req() request: Request,
    @AskedScenario() scenario: MockScenario | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<JsonObject> {
    const headers = readTaskHeaders(request);
    return this.generate.submit(
      { kind: 'generate.v1', owner: ownerOf(request), body, headers, scenario },
      response,
    );
  }

  @Post('prompt')
  @RequireScope('generate')
  @ApiOperation({
    summary: 'Photo to prompt and items',
    description: both(
      'Writes the image prompt and the recommended items; nothing is drawn. Waits for the result unless `Prefer: wait` says otherwise.',
      '이미지 프롬프트와 추천 아이템만 작성하고 그림은 그리지 않습니다. `Prefer: wait`가 없으면 결과를 기다립니다.',
    ),
  })
  @ApiMockScenario()
  @ApiTaskAnswers()
  @ApiProblems(...TASK_PROBLEMS)
  prompt(
    @Body() body: PromptV1Request,
    @Req() request: Request,
    @AskedScenario() scenario: MockScenario | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<JsonObject> {
    const headers = readTaskHeaders(request);
    const waitMs = headers.waitMs ?? PROMPT_DEFAULT_WAIT_MS;
    return this.generate.submit(
      {
        kind: 'prompt.v1',
        owner: ownerOf(request),
        body,
        headers: { ...headers, waitMs },
        scenario,
      },
      response,
    );
  }
}
