import { setTimeout as sleep } from 'node:timers/promises';

import {
  type BeforeApplicationShutdown,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';

import { AppLogger } from '../common/logging/app-logger.js';
import { appConfig, type AppConfig } from '../config/app.config.js';
import { databaseConfig, type DatabaseConfig } from '../config/database.config.js';
import { healthConfig, type HealthConfig } from '../config/health.config.js';
import { storageConfig, type StorageConfig } from '../config/storage.config.js';
import {
  DESK_CLASSIFIER,
  type DeskClassifier,
} from '../providers/desk-classifier/desk-classifier.port.js';
import { IMAGE_STORE, type ImageStore } from '../providers/image-store/image-store.port.js';
import { ProviderStatusModule } from '../providers/status/provider-status.module.js';
import { ProviderStatus } from '../providers/status/provider-status.js';
import { TaskEngine } from '../tasks/task-engine.js';
import { HEALTH_CHECKS, type HealthCheck } from './health-check.js';
import { HealthMonitor } from './health-monitor.js';
import { HealthController } from './health.controller.js';
import { createChecks } from './indicators/create-checks.js';
import { Readiness } from './readiness.js';

/** How long the first results may keep the service from listening, in milliseconds. */
const FIRST_RESULTS_MS = 500;

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), ProviderStatusModule],
  controllers: [HealthController],
  providers: [
    {
      provide: HEALTH_CHECKS,
      inject: [
        healthConfig.KEY,
        appConfig.KEY,
        databaseConfig.KEY,
        storageConfig.KEY,
        DESK_CLASSIFIER,
        TaskEngine,
        IMAGE_STORE,
        ProviderStatus,
      ],
      useFactory: (
        health: HealthConfig,
        app: AppConfig,
        database: DatabaseConfig,
        storage: StorageConfig,
        classifier: DeskClassifier,
        tasks: TaskEngine,
        images: ImageStore,
        providers: ProviderStatus,
      ) => createChecks({ health, app, database, storage, classifier, tasks, images, providers }),
    },
    {
      provide: HealthMonitor,
      inject: [HEALTH_CHECKS, healthConfig.KEY, AppLogger],
      useFactory: (checks: readonly HealthCheck[], config: HealthConfig, logger: AppLogger) =>
        new HealthMonitor(checks, config, logger),
    },
    {
      provide: Readiness,
      inject: [HealthMonitor, HealthCheckService, HealthIndicatorService],
      useFactory: (
        monitor: HealthMonitor,
        health: HealthCheckService,
        indicators: HealthIndicatorService,
      ) => new Readiness(monitor, health, indicators),
    },
  ],
})
export class HealthModule
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  constructor(
    private readonly monitor: HealthMonitor,
    private readonly readiness: Readiness,
    @Inject(healthConfig.KEY) private readonly health: HealthConfig,
    @Inject(appConfig.KEY) private readonly app: AppConfig,
  ) {}

  /** Usually the first probe finds a warm service; what hangs does not hold up the start. */
  async onApplicationBootstrap(): Promise<void> {
    const waiting = new AbortController();
    const patience = sleep(FIRST_RESULTS_MS, undefined, { signal: waiting.signal });
    await Promise.race([this.monitor.start(), patience.catch(() => undefined)]);
    waiting.abort();
  }

  /** Before the tasks are drained (the module of the tasks is global, and global modules come last). */
  onModuleDestroy(): void {
    this.readiness.beginShutdown();
    this.monitor.stop();
  }

  /**
   * A load balancer needs a few probes to notice, and its requests until then are still served. The
   * drain has used up a part of the time already.
   */
  async beforeApplicationShutdown(signal?: string): Promise<void> {
    if (signal !== 'SIGTERM') return;
    const noticeMs = Math.min(this.health.shutdownNoticeMs, this.app.shutdownTimeoutMs);
    const leftMs = noticeMs - this.readiness.shuttingDownForMs();
    if (leftMs > 0) await sleep(leftMs);
  }
}
