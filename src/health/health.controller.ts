import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { type Response } from 'express';

import { both } from '../common/http/api-docs.js';
import {
  DESK_CLASSIFIER,
  type DeskClassifier,
} from '../providers/desk-classifier/desk-classifier.port.js';
import { IMAGE_STORE, type ImageStore } from '../providers/image-store/image-store.port.js';
import { HealthcheckDto, HealthDto, LivenessDto } from './dto/health.dto.js';

/** A probe must answer well within its own time limit of 5 s. */
const STORE_TIMEOUT_MS = 1_000;

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    @Inject(DESK_CLASSIFIER) private readonly classifier: DeskClassifier,
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
  ) {}

  @Get('health/live')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Liveness',
    description: both(
      'The process answers; no dependency is asked.',
      '프로세스가 응답합니다. 의존성은 확인하지 않습니다.',
    ),
  })
  @ApiResponse({ status: 200, type: LivenessDto, description: both('Alive.', '살아 있음.') })
  live(): LivenessDto {
    return { status: 'ok' };
  }

  @Get('health')
  @HealthCheck({ swaggerDocumentation: false })
  @ApiOperation({
    summary: 'Readiness',
    description: both('For the load balancer: 200 or 503.', '로드 밸런서용: 200 또는 503.'),
  })
  @ApiResponse({ status: 200, type: HealthDto, description: both('Ready.', '준비됨.') })
  @ApiResponse({ status: 503, type: HealthDto, description: both('Not ready.', '준비되지 않음.') })
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.checkClassifier(),
      () =>
        this.indicators
          .check('image_store')
          .attempt(async ({ signal }) => this.store.check(signal))
          .withTimeout(STORE_TIMEOUT_MS),
    ]);
  }

  @Get(['healthcheck', 'app/routers/healthcheck'])
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Health in the older shape',
    description: both(
      '`{"status":"healthy"}` and 200, else 503.',
      '`{"status":"healthy"}`와 200, 아니면 503.',
    ),
  })
  @ApiResponse({ status: 200, type: HealthcheckDto, description: both('Healthy.', '정상.') })
  @ApiResponse({ status: 503, type: HealthcheckDto, description: both('Unhealthy.', '비정상.') })
  async healthcheck(@Res({ passthrough: true }) response: Response): Promise<HealthcheckDto> {
    try {
      await this.ready();
      return { status: 'healthy' };
    } catch {
      response.status(503);
      return { status: 'unhealthy' };
    }
  }

  private checkClassifier(): ReturnType<ReturnType<HealthIndicatorService['check']>['up']> {
    const indicator = this.indicators.check('classifier');
    return this.classifier.isReady() ? indicator.up() : (indicator.down() as never);
  }
}
