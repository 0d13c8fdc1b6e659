import { Global, Module } from '@nestjs/common';

import { appConfig, type AppConfig } from '../config/app.config.js';
import { intakeConfig, type IntakeConfig } from '../config/intake.config.js';
import { ImageDecoder } from '../imaging/image-decoder.js';
import { CLOCK, systemClock } from './clock.js';
import { AppLogger } from './logging/app-logger.js';

/** What every module may use. */
@Global()
@Module({
  providers: [
    { provide: CLOCK, useValue: systemClock },
    {
      provide: AppLogger,
      inject: [appConfig.KEY],
      useFactory: (config: AppConfig) => AppLogger.create(config.logLevel),
    },
    {
      provide: ImageDecoder,
      inject: [intakeConfig.KEY],
      useFactory: (config: IntakeConfig) =>
        new ImageDecoder({ maxPixels: config.maxPixels, timeoutMs: config.decodeTimeoutMs }),
    },
  ],
  exports: [CLOCK, AppLogger, ImageDecoder],
})
export class CommonModule {}
