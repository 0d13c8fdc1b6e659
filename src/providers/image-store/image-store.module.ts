import { Global, Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../../common/clock.js';
import { appConfig, type AppConfig } from '../../config/app.config.js';
import { intakeConfig, type IntakeConfig } from '../../config/intake.config.js';
import { storageConfig, type StorageConfig } from '../../config/storage.config.js';
import { ImageDecoder } from '../../imaging/image-decoder.js';
import { toKeptCopy } from '../../imaging/kept-copy.js';
import { IMAGE_STORE, type ImageStore } from './image-store.port.js';
import { LocalImageStore } from './local-image-store.js';
import { UploadSigner } from './upload-signer.js';

const createStore = async (
  app: AppConfig,
  { kind, s3, uploadTtlMs }: StorageConfig,
  signer: UploadSigner,
  clock: Clock,
  { maxBytes }: IntakeConfig,
  decoder: ImageDecoder,
): Promise<ImageStore> => {
  const { dataDir, publicBaseUrl } = app;
  switch (kind) {
    case 's3': {
      // Loaded when chosen: the SDK takes 30 MB.
      const [{ createS3Client }, { S3ImageStore }] = await Promise.all([
        import('./s3-client.js'),
        import('./s3-image-store.js'),
      ]);
      const clean = async (file: Buffer): Promise<Buffer> =>
        (await toKeptCopy(decoder, file)).bytes;
      const options = { s3, publicBaseUrl, uploadTtlMs, maxBytes };
      return new S3ImageStore(options, createS3Client(s3), clock, clean);
    }
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
      inject: [
        appConfig.KEY,
        storageConfig.KEY,
        UploadSigner,
        CLOCK,
        intakeConfig.KEY,
        ImageDecoder,
      ],
      useFactory: createStore,
    },
  ],
  exports: [IMAGE_STORE, UploadSigner],
})
export class ImageStoreModule {}
