import { Global, Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../../common/clock.js';
import { appConfig, type AppConfig } from '../../config/app.config.js';
import { storageConfig, type StorageConfig } from '../../config/storage.config.js';
import { IMAGE_STORE, type ImageStore } from './image-store.port.js';
import { LocalImageStore } from './local-image-store.js';
import { createS3Client } from './s3-client.js';
import { S3ImageStore } from './s3-image-store.js';
import { UploadSigner } from './upload-signer.js';

const createStore = (
  app: AppConfig,
  { kind, s3, uploadTtlMs }: StorageConfig,
  signer: UploadSigner,
  clock: Clock,
): ImageStore => {
  const { dataDir, publicBaseUrl } = app;
  switch (kind) {
    case 's3':
      return new S3ImageStore({ s3, publicBaseUrl, uploadTtlMs }, createS3Client(s3), clock);
    case 'local':
      return new LocalImageStore({ dataDir, publicBaseUrl, uploadTtlMs }, signer, clock);
  }
};

/** The only file that knows the adapters. */
@Global()
@Module({
  providers: [
    {
      provide: UploadSigner,
      inject: [appConfig.KEY, storageConfig.KEY],
      useFactory: (app: AppConfig, storage: StorageConfig) =>
        UploadSigner.open(app.dataDir, storage.uploadSigningKey),
    },
    {
      provide: IMAGE_STORE,
      inject: [appConfig.KEY, storageConfig.KEY, UploadSigner, CLOCK],
      useFactory: createStore,
    },
  ],
  exports: [IMAGE_STORE, UploadSigner],
})
export class ImageStoreModule {}
