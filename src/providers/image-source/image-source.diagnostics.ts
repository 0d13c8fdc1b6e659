import { Operation } from '../../common/telemetry/operation.js';

/** Downloads from addresses of strangers, which are therefore not named. */
export const photoDownloads = new Operation<object, Buffer>('desk-ai.photo.download');
