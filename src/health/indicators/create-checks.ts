import { type AppConfig } from '../../config/app.config.js';
import { type DatabaseConfig } from '../../config/database.config.js';
import { type HealthConfig } from '../../config/health.config.js';
import { type StorageConfig } from '../../config/storage.config.js';
import { type DeskClassifier } from '../../providers/desk-classifier/desk-classifier.port.js';
import { type ImageStore } from '../../providers/image-store/image-store.port.js';
import { type ProviderStatus } from '../../providers/status/provider-status.js';
import { type TaskEngine } from '../../tasks/task-engine.js';
import { type HealthCheck } from '../health-check.js';
import { classifierCheck } from './classifier.indicator.js';
import { diskCheck } from './disk.indicator.js';
import { gpuCheck } from './gpu.indicator.js';
import { imageStoreCheck } from './image-store.indicator.js';
import { memoryCheck } from './memory.indicator.js';
import { providersCheck } from './providers.indicator.js';
import { taskStoreCheck } from './task-store.indicator.js';
import { workerCheck } from './worker.indicator.js';

export interface CheckedParts {
  readonly health: HealthConfig;
  readonly app: AppConfig;
  readonly database: DatabaseConfig;
  readonly storage: StorageConfig;
  readonly classifier: DeskClassifier;
  readonly tasks: TaskEngine;
  readonly images: ImageStore;
  readonly providers: ProviderStatus;
}

/** Everything that this process needs, as it is configured. */
export const createChecks = (parts: CheckedParts): readonly HealthCheck[] => {
  const { health, app, database, storage, classifier, tasks, images, providers } = parts;
  const { timeoutMs } = health;
  const isSharedDatabase = database.url !== undefined;
  return [
    classifierCheck(classifier, timeoutMs),
    taskStoreCheck(tasks, { isShared: isSharedDatabase, timeoutMs }),
    // A process that only answers requests has no worker.
    ...(database.role === 'api'
      ? []
      : [workerCheck(tasks, { isSharedStore: isSharedDatabase, timeoutMs })]),
    imageStoreCheck(images, { isShared: storage.kind === 's3', timeoutMs }),
    ...(health.diskMinBytes > 0
      ? [diskCheck({ folder: app.dataDir, minBytes: health.diskMinBytes, timeoutMs })]
      : []),
    ...(health.rssLimitBytes === undefined ? [] : [memoryCheck(health.rssLimitBytes, timeoutMs)]),
    ...(health.gpu.check === 'nvidia-smi' ? [gpuCheck(health.gpu)] : []),
    providersCheck(providers),
  ];
};
