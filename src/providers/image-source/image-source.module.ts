import { Global, Module } from '@nestjs/common';

import { GuardedHttpClient } from '../../common/http/outbound/guarded-client.js';
import { appConfig, type AppConfig } from '../../config/app.config.js';
import { intakeConfig, type IntakeConfig } from '../../config/intake.config.js';
import { storageConfig, type StorageConfig } from '../../config/storage.config.js';
import { IMAGE_STORE, type ImageStore } from '../image-store/image-store.port.js';
import { S3ImageStore } from '../image-store/s3-image-store.js';
import { S3OwnImages } from '../image-store/s3-own-images.js';
import { HttpImageSource } from './http-image-source.js';
import { IMAGE_SOURCE, type ImageSource } from './image-source.port.js';
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

/** Photos of our own come from the store, those of our bucket through S3, all others over the gate. */
const createImageSource = (
  intake: IntakeConfig,
  app: AppConfig,
  storage: StorageConfig,
  store: ImageStore,
): ImageSource => {
  const others = createHttpSource(intake);
  const beyondOurs =
    store instanceof S3ImageStore
      ? new S3OwnImages({ s3: storage.s3, maxBytes: intake.maxBytes }, store, others)
      : others;
  return new OwnImageSource(app.publicBaseUrl, store, beyondOurs);
};

/** The only file that knows the adapters. */
@Global()
@Module({
  providers: [
    {
      provide: IMAGE_SOURCE,
      inject: [intakeConfig.KEY, appConfig.KEY, storageConfig.KEY, IMAGE_STORE],
      useFactory: createImageSource,
    },
  ],
  exports: [IMAGE_SOURCE],
})
export class ImageSourceModule {}
