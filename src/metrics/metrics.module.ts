import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { packageVersion } from '../common/package-version.js';
import { databaseConfig, type DatabaseConfig } from '../config/database.config.js';
import { metricsConfig, type MetricsConfig } from '../config/metrics.config.js';
import { ProviderStatusModule } from '../providers/status/provider-status.module.js';
import { ProviderStatus } from '../providers/status/provider-status.js';
import { TaskEngine } from '../tasks/task-engine.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsService } from './metrics.service.js';

/** Watches what the other modules tell over diagnostics channels; none of them knows of it. */
@Module({
  imports: [ProviderStatusModule],
  controllers: [MetricsController],
  providers: [
    {
      provide: MetricsService,
      inject: [metricsConfig.KEY, databaseConfig.KEY, TaskEngine, ProviderStatus],
      useFactory: (
        { isOn }: MetricsConfig,
        { role }: DatabaseConfig,
        { store }: TaskEngine,
        status: ProviderStatus,
      ) => new MetricsService({ isOn, build: { version: packageVersion(), role }, store, status }),
    },
  ],
})
export class MetricsModule implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly metrics: MetricsService) {}

  onModuleInit(): void {
    this.metrics.start();
  }

  onApplicationShutdown(): void {
    this.metrics.stop();
  }
}
