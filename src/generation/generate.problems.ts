import { type ErrorCode } from '../common/errors/error-codes.js';

/** How a photo from outside can fail, on every route that takes one. */
export const PHOTO_PROBLEMS = [
  'malformed_json',
  'validation_failed',
  'payload_too_large',
  'unsupported_media_type',
  'image_url_forbidden',
  'image_unreachable',
  'image_too_large',
  'image_unreadable',
  'image_type_unsupported',
  'internal_error',
] as const satisfies readonly ErrorCode[];

/** How a task can end badly within a wait, or not be created at all. */
export const TASK_PROBLEMS = [
  ...PHOTO_PROBLEMS,
  'not_a_desk',
  'content_rejected',
  'idempotency_key_reused',
  'rate_limited',
  'queue_full',
  'budget_exhausted',
  'provider_failed',
  'provider_unavailable',
  'provider_timeout',
] as const satisfies readonly ErrorCode[];
