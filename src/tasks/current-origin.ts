import { currentRequestId } from '../common/http/request-id.js';
import { currentTrace } from '../common/telemetry/trace-context.js';
import { type TaskOrigin } from './task.js';

/** The request that is being answered. */
export const currentOrigin = (): TaskOrigin => ({
  requestId: currentRequestId() ?? null,
  trace: currentTrace() ?? null,
});
