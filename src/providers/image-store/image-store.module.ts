import { Global, Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../../common/clock.js';
import { appConfig, type AppConfig } from '../../config/app.config.js';
import { storageConfig, type StorageConfig } from '../../config/storage.config.js';
import { IMAGE_STORE } from './image-store.port.js';
import { LocalImageStore } from './local-image-store.js';
import { UploadSigner } from './upload-signer.js';

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
      useFactory: (app: AppConfig, storage: StorageConfig, signer: UploadSigner, clock: Clock) =>
        new LocalImageStore(
          {
            dataDir: app.dataDir,
            publicBaseUrl: app.publicBaseUrl,
            uploadTtlMs: storage.uploadTtlMs,
          },
          signer,
          clock,
        ),
    },
  ],
  exports: [IMAGE_STORE, UploadSigner],
})
export class ImageStoreModule {}
