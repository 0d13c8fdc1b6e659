import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';

import { RequireScope } from '../access/require-scope.js';
import { NotFoundError } from '../common/errors/errors.js';
import { ApiProblems, both } from '../common/http/api-docs.js';
import { MetricsService } from './metrics.service.js';

const EXAMPLE = `# HELP deskai_tasks Tasks in the store that have not ended, by status.
# TYPE deskai_tasks gauge
deskai_tasks{status="queued"} 3
deskai_tasks{status="running"} 4
`;

@ApiTags('metrics')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Get()
  @RequireScope('metrics')
  @ApiOperation({
    summary: 'Metrics for Prometheus',
    description: both(
      'Text format 0.0.4 of this process: requests, verdicts, tasks, steps, providers and their cost, callbacks, Node. Needs the scope `metrics`; scrapes with a valid key are not limited. Switched off by `METRICS=off` (404). All metrics, alerts and the dashboard: docs/metrics.md.',
      '이 프로세스의 측정값(텍스트 형식 0.0.4): 요청, 판정, 작업, 단계, 제공자와 비용, 콜백, Node. `metrics` 권한(scope)이 필요하며, 유효한 키의 수집 요청에는 횟수 제한이 없습니다. `METRICS=off`이면 404로 답합니다. 전체 지표와 알림, 대시보드는 docs/metrics.md를 참고하세요.',
    ),
  })
  @ApiProduces('text/plain')
  @ApiResponse({
    status: 200,
    description: both('All metrics of this process.', '이 프로세스의 모든 지표.'),
    content: { 'text/plain': { schema: { type: 'string', example: EXAMPLE } } },
  })
  @ApiProblems('not_found')
  async read(@Res() response: Response): Promise<void> {
    if (!this.metrics.isOn) throw new NotFoundError('Metrics are switched off (METRICS=off).');
    const text = await this.metrics.render();
    response.setHeader('Cache-Control', 'no-store');
    response.type(this.metrics.contentType).send(text);
  }
}
