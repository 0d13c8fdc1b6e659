import { randomUUID } from 'node:crypto';

import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { AppLogger } from '../common/logging/app-logger.js';
import { packageVersion } from '../common/package-version.js';
import { databaseConfig, type DatabaseConfig } from '../config/database.config.js';
import { tracingConfig, type TracingConfig } from '../config/tracing.config.js';
import { NO_TRACING, type Tracing, TRACING } from './tracing.port.js';

const createTracing = async (
  config: TracingConfig,
  { role }: DatabaseConfig,
  logger: AppLogger,
): Promise<Tracing> => {
  if (!config.isOn) return NO_TRACING;
  // Loaded only now: the SDK takes time at the start and memory for good.
  const { createOpenTelemetry } = await import('./open-telemetry.js');
  const service = { version: packageVersion(), role, instance: randomUUID() };
  return createOpenTelemetry(config, service, logger);
};

/** Watches what the other modules tell over diagnostics channels; none of them knows of it. */
@Module({
  providers: [
    {
      provide: TRACING,
      inject: [tracingConfig.KEY, databaseConfig.KEY, AppLogger],
      useFactory: createTracing,
    },
  ],
})
export class TracingModule implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(TRACING) private readonly tracing: Tracing) {}

  onModuleInit(): void {
    this.tracing.start();
  }

  /** After the tasks were drained and the requests answered: their spans are the last ones. */
  async onApplicationShutdown(): Promise<void> {
    await this.tracing.stop();
  }
}
