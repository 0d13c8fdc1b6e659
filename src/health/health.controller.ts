import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type HealthCheckResult } from '@nestjs/terminus';
import { type Response } from 'express';

import { Public } from '../access/require-scope.js';
import { both } from '../common/http/api-docs.js';
import {
  HealthcheckDto,
  HealthDto,
  LivenessDto,
  NotReadyDto,
  UnhealthyDto,
} from './dto/health.dto.js';
import { Readiness } from './readiness.js';

/** Answered from what the background checks have found: a probe never waits for a dependency. */
@ApiTags('health')
@Controller()
@Public()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('health/live')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Liveness',
    description: both(
      'The process answers; no dependency is asked. For restarts, not for a load balancer.',
      '프로세스가 응답합니다. 의존성은 확인하지 않습니다. 재시작 판단용이며 로드 밸런서용이 아닙니다.',
    ),
  })
  @ApiResponse({ status: 200, type: LivenessDto, description: both('Alive.', '살아 있음.') })
  live(): LivenessDto {
    return { status: 'ok' };
  }

  @Get('health')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Readiness',
    description: both(
      'For the load balancer. 503 while this instance starts, shuts down or lacks something of its own (classifier, worker, embedded store, disk, memory, GPU). What all instances share (PostgreSQL, S3, inference server, vendors) makes it `degraded` with 200. Answered from background checks.',
      '로드 밸런서용. 이 인스턴스가 시작 중이거나 종료 중이거나 자체 요소(분류기, 워커, 내장 저장소, 디스크, 메모리, GPU)에 문제가 있으면 503입니다. 모든 인스턴스가 공유하는 것(PostgreSQL, S3, 추론 서버, 외부 업체)의 문제는 200과 `degraded`입니다. 백그라운드 점검 결과로 답합니다.',
    ),
  })
  @ApiResponse({ status: 200, type: HealthDto, description: both('Ready.', '준비됨.') })
  @ApiResponse({
    status: 503,
    type: NotReadyDto,
    description: both('Not ready.', '준비되지 않음.'),
  })
  async ready(@Res({ passthrough: true }) response: Response): Promise<HealthCheckResult> {
    const { isReady, result } = await this.readiness.read();
    response.status(isReady ? 200 : 503);
    return result;
  }

  @Get(['healthcheck', 'app/routers/healthcheck'])
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Health in the older shape',
    description: both(
      '`{"status":"healthy"}` and 200 whenever `/health` answers 200, else 503.',
      '`/health`가 200이면 `{"status":"healthy"}`와 200, 아니면 503.',
    ),
  })
  @ApiResponse({ status: 200, type: HealthcheckDto, description: both('Healthy.', '정상.') })
  @ApiResponse({ status: 503, type: UnhealthyDto, description: both('Unhealthy.', '비정상.') })
  async healthcheck(
    @Res({ passthrough: true }) response: Response,
  ): Promise<HealthcheckDto | UnhealthyDto> {
    const { isReady, result } = await this.readiness.read();
    if (isReady) return { status: 'healthy' };
    response.status(503);
    return { status: 'unhealthy', failed: Object.keys(result.error ?? {}) };
  }
}
