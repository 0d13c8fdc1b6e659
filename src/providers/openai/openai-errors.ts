import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';

import { AppError } from '../../common/errors/app-error.js';
import { RefusedError } from '../../common/errors/errors.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import {
  providerFailure,
  toConnectionFailure,
  toStatusFailure,
  toUnusableAnswer,
  type UpstreamCall,
} from '../upstream/upstream-failure.js';

export interface OpenAiCall extends UpstreamCall {
  readonly model: string;
  /** Setting that names the model, for messages to the operator. */
  readonly modelSetting: string;
}

const REFUSED = new Set(['moderation_blocked', 'content_policy_violation', 'content_filter']);
/**
 * 429 with two meanings: these are about money and no retry helps.
 * Source: facts of 2026-11 (OpenAI error codes; `billing_hard_limit_reached` came with 400).
 */
const OUT_OF_MONEY = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'billing_hard_limit_reached',
]);
const RETIRED = new Set(['model_not_found', 'model_deprecated', 'model_retired']);
const RETIRED_WORDS =
  /model\b.*\b(?:does not exist|not found|deprecated|retired|shut ?down|no longer)/i;
/** Codes are the vendor's words: only what looks like a code is shown. */
const CODE = /^[a-z0-9_.-]{1,64}$/;
const REQUEST_ID = /^[\w-]{1,80}$/;

const safe = (value: unknown, pattern: RegExp): string | undefined =>
  typeof value === 'string' && pattern.test(value) ? value : undefined;

const traceOf = (error: APIError): Record<string, unknown> => {
  const upstreamCode = safe(error.code, CODE) ?? safe(error.type, CODE);
  const requestId = safe(error.requestID, REQUEST_ID);
  return {
    ...(upstreamCode === undefined ? {} : { upstreamCode }),
    ...(requestId === undefined ? {} : { requestId }),
  };
};

/** Errors whose cause only an operator can remove, with what there is to do. */
const findOperatorAdvice = (error: APIError, call: OpenAiCall): string | undefined => {
  const { status, message } = error;
  const code = String(error.code ?? '');
  if (OUT_OF_MONEY.has(code) || error.type === 'insufficient_quota') {
    return 'has no credit left or reached a spending limit: an operator has to look at its billing.';
  }
  if (status === 401) return 'refused OPENAI_API_KEY: an operator has to replace it.';
  if (status === 403 && /must be verified/i.test(message)) {
    return `serves ${call.model} to verified organisations only: an operator has to verify the organisation in the settings of the OpenAI platform (access follows within 15 minutes).`;
  }
  const isGone = RETIRED.has(code) || RETIRED_WORDS.test(message);
  if ((status === 404 || status === 400) && isGone) {
    return `does not serve ${call.model} (any more): an operator has to set ${call.modelSetting} to a current model.`;
  }
  if (status === 403)
    return `does not let this key use ${call.model}: an operator has to look at it.`;
  return undefined;
};

const fromAnswer = (error: APIError, call: OpenAiCall, nowMs: number): AppError => {
  const { status } = error;
  if (REFUSED.has(String(error.code)) || error.type === 'image_generation_user_error') {
    return new RefusedError(
      'content_rejected',
      'The photo or the prompt was refused by the content policy of the image provider.',
      { details: { provider: call.provider, operation: call.operation, ...traceOf(error) } },
    );
  }
  const advice = findOperatorAdvice(error, call);
  if (advice !== undefined) {
    return providerFailure('provider_failed', call, advice, {
      reason: safe(error.code, CODE) ?? `http_${status}`,
      details: traceOf(error),
      ...(status === undefined ? {} : { upstreamStatus: status }),
    });
  }
  return toStatusFailure(status ?? 500, new Headers(error.headers), call, nowMs);
};

/** Everything the SDK throws, in our words. Nothing the vendor wrote is passed on but its code and id. */
export const toOpenAiFailure = (
  error: unknown,
  call: OpenAiCall,
  signal: AbortSignal,
  nowMs: number,
): unknown => {
  // A canceled task is not the vendor's failure.
  if (signal.aborted) return signal.reason;
  if (error instanceof AppError) return error;
  if (error instanceof APIConnectionTimeoutError) {
    return toConnectionFailure(new UpstreamError('timeout', 'sdk'), call, signal);
  }
  if (error instanceof APIConnectionError || error instanceof APIUserAbortError) {
    const { cause } = error;
    const known = cause instanceof UpstreamError;
    return toConnectionFailure(
      known ? cause : new UpstreamError('connection_failed', 'sdk'),
      call,
      signal,
    );
  }
  if (error instanceof APIError) return fromAnswer(error, call, nowMs);
  // The SDK parses JSON itself and lets the parser's error through.
  if (error instanceof Error && error.name === 'SyntaxError')
    return toUnusableAnswer(call, 'invalid_json');
  return error;
};
