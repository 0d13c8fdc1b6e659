import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';

import { GuardedHttpClient } from '../../common/http/outbound/guarded-client.js';
import { appConfig, type AppConfig } from '../../config/app.config.js';
import { intakeConfig, type IntakeConfig } from '../../config/intake.config.js';
import { storageConfig, type StorageConfig } from '../../config/storage.config.js';
import { IMAGE_STORE, type ImageStore } from '../image-store/image-store.port.js';
import { isBucketReader, S3OwnImages } from '../image-store/s3-own-images.js';
import { HttpImageSource } from './http-image-source.js';
import { IMAGE_SOURCE, type ImageSource } from './image-source.port.js';
import { OwnImageSource } from './own-image-source.js';

/** Lets go of kept connections with the application. */
class PhotoDownloads extends GuardedHttpClient implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    this.close();
  }
}

const createDownloads = (config: IntakeConfig): PhotoDownloads =>
  new PhotoDownloads({
    // Unset means "every public host"; for the client itself an empty list means "none".
    allowedHosts: config.allowedHosts.length === 0 ? 'any' : config.allowedHosts,
    allowedPrivateHosts: config.allowedPrivateHosts,
    keepAliveMs: config.keepAliveMs,
  });

/** Photos of our own come from the store, those of our bucket through S3, all others over the gate. */
const createImageSource = (
  downloads: PhotoDownloads,
  intake: IntakeConfig,
  app: AppConfig,
  storage: StorageConfig,
  store: ImageStore,
): ImageSource => {
  const { maxBytes, timeoutMs, firstByteTimeoutMs, maxRedirects } = intake;
  const limits = { maxBytes, timeoutMs, firstByteTimeoutMs, maxRedirects };
  const others = new HttpImageSource(limits, downloads);
  const beyondOurs = isBucketReader(store)
    ? new S3OwnImages({ s3: storage.s3, maxBytes: intake.maxBytes }, store, others)
    : others;
  return new OwnImageSource(app.publicBaseUrl, store, beyondOurs);
};

/** The only file that knows the adapters. */
@Global()
@Module({
  providers: [
    { provide: PhotoDownloads, inject: [intakeConfig.KEY], useFactory: createDownloads },
    {
      provide: IMAGE_SOURCE,
      inject: [PhotoDownloads, intakeConfig.KEY, appConfig.KEY, storageConfig.KEY, IMAGE_STORE],
      useFactory: createImageSource,
    },
  ],
  exports: [IMAGE_SOURCE],
})
export class ImageSourceModule {}
