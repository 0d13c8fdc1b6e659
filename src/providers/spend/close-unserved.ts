import { ProviderError, RefusedError } from '../../common/errors/errors.js';
import { type PaidCall } from './daily-budget.js';

/** The request did not get as far as the vendor. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

const wasServed = (failure: unknown): boolean => {
  if (failure instanceof RefusedError) return false;
  if (!(failure instanceof ProviderError)) return true;
  if (NEVER_SENT.has(String(failure.details['reason']))) return false;
  return failure.upstreamStatus === undefined || failure.upstreamStatus >= 500;
};

/**
 * Ends a paid call that failed. A vendor that answered with its own refusal charges nothing; after a
 * timeout or a cut connection it may well have drawn and charged, so the estimate is booked.
 */
export const closeUnserved = async (paid: PaidCall, failure: unknown): Promise<void> => {
  if (wasServed(failure)) await paid.settle(null);
  else paid.release();
};
