import { Global, Module } from '@nestjs/common';

import { GuardedHttpClient } from '../../common/http/outbound/guarded-client.js';
import { appConfig, type AppConfig } from '../../config/app.config.js';
import { intakeConfig, type IntakeConfig } from '../../config/intake.config.js';
import { IMAGE_STORE, type ImageStore } from '../image-store/image-store.port.js';
import { HttpImageSource } from './http-image-source.js';
import { IMAGE_SOURCE } from './image-source.port.js';
import { OwnImageSource } from './own-image-source.js';

const createHttpSource = (config: IntakeConfig): HttpImageSource =>
  new HttpImageSource(
    config,
    new GuardedHttpClient({
      // Unset means "every public host"; for the client itself an empty list means "none".
      allowedHosts: config.allowedHosts.length === 0 ? 'any' : config.allowedHosts,
      allowedPrivateHosts: config.allowedPrivateHosts,
    }),
  );

/** The only file that knows the adapters. */
@Global()
@Module({
  providers: [
    {
      provide: IMAGE_SOURCE,
      inject: [intakeConfig.KEY, appConfig.KEY, IMAGE_STORE],
      useFactory: (intake: IntakeConfig, app: AppConfig, store: ImageStore) =>
        new OwnImageSource(app.publicBaseUrl, store, createHttpSource(intake)),
    },
  ],
  exports: [IMAGE_SOURCE],
})
export class ImageSourceModule {}
