import { SpanKind } from '@opentelemetry/api';

import { isProbe } from '../common/http/probes.js';
import { httpRequests } from '../common/http/request.diagnostics.js';
import { codeOf, outcomeOf } from '../common/telemetry/outcome.js';
import { type Run } from '../common/telemetry/operation.js';
import { parseTrace } from '../common/telemetry/trace-context.js';
import {
  classifications,
  classifyPhases,
} from '../providers/desk-classifier/desk-classifier.diagnostics.js';
import { photoDownloads } from '../providers/image-source/image-source.diagnostics.js';
import { providerCalls } from '../providers/provider.diagnostics.js';
import { callbackAttempts, stepOutcomeOf, taskRuns, taskSteps } from '../tasks/task.diagnostics.js';
import { type RecordSpans, type SpanPlan } from './span-recorder.js';

const plan =
  <C extends object, R>(one: SpanPlan<C, R>): RecordSpans =>
  (recorder) =>
    recorder.record(one);

const failureOf = (run: Run<object, unknown>): string | undefined => {
  const outcome = outcomeOf(run);
  return outcome === 'ok' || outcome === 'aborted' ? undefined : outcome;
};

/**
 * Names and attributes follow OpenTelemetry's semantic conventions where there are any. No address with
 * a query, no photo, no text of a user and no key is an attribute.
 */
export const SPAN_PLANS: readonly RecordSpans[] = [
  plan({
    operation: httpRequests,
    kind: SpanKind.SERVER,
    name: ({ method, path }) => (isProbe(path) ? null : method),
    parent: ({ traceparent, tracestate }) => parseTrace(traceparent, tracestate),
    attributes: ({ method, requestId }) => ({
      'http.request.method': method,
      'desk_ai.request_id': requestId,
    }),
    ended: (span, { context, result }) => {
      if (!result) return;
      const { route, status, key } = result;
      if (route !== undefined) span.updateName(`${context.method} ${route}`);
      span.setAttributes({
        'http.response.status_code': status,
        'desk_ai.key': key,
        ...(route === undefined ? {} : { 'http.route': route }),
      });
    },
    failure: ({ result }) => (result && result.status >= 500 ? String(result.status) : undefined),
  }),
  plan({
    operation: classifications,
    name: () => 'classify',
    attributes: ({ use }) => ({ 'desk_ai.classify.use': use }),
    ended: (span, { result }) => {
      if (!result) return;
      span.setAttribute('desk_ai.classify.verdict', result.reason ?? 'desk');
      span.setAttribute('desk_ai.classify.confidence', result.confidence);
    },
    failure: failureOf,
  }),
  plan({
    operation: classifyPhases,
    name: ({ phase }) => `classify.${phase}`,
    failure: failureOf,
  }),
  plan({
    operation: photoDownloads,
    kind: SpanKind.CLIENT,
    name: () => 'photo.download',
    ended: (span, { result }) => {
      if (result) span.setAttribute('http.response.body.size', result.length);
    },
    failure: failureOf,
  }),
  plan({
    operation: taskRuns,
    kind: SpanKind.CONSUMER,
    name: ({ task }) => `task ${task.kind}`,
    parent: ({ task }) => task.origin?.trace ?? undefined,
    attributes: ({ task }) => ({
      'desk_ai.task.id': task.id,
      'desk_ai.task.kind': task.kind,
      'desk_ai.task.claim': task.claim,
      'desk_ai.key': task.owner,
    }),
    failure: failureOf,
  }),
  plan({
    operation: taskSteps,
    name: ({ step }) => `step ${step}`,
    attributes: ({ task, step, attempt }) => ({
      'desk_ai.task.id': task.id,
      'desk_ai.step': step,
      'desk_ai.attempt': attempt,
    }),
    failure: (run) => {
      const { outcome, code } = stepOutcomeOf(run);
      return outcome === 'retry' || outcome === 'failed' ? code : undefined;
    },
  }),
  plan({
    operation: providerCalls,
    kind: SpanKind.CLIENT,
    name: ({ provider, operation }) => `${provider} ${operation}`,
    attributes: ({ provider, operation, model }) => ({
      'gen_ai.provider.name': provider,
      'gen_ai.operation.name': operation,
      ...(model === null ? {} : { 'gen_ai.request.model': model }),
    }),
    ended: (span, { context: { bill } }) => {
      if (bill?.usage) {
        const { textInput, imageInput, output } = bill.usage;
        span.setAttribute('gen_ai.usage.input_tokens', textInput + imageInput);
        span.setAttribute('gen_ai.usage.output_tokens', output);
      }
      if (bill && bill.usd !== null) span.setAttribute('desk_ai.cost_usd', bill.usd);
    },
    failure: failureOf,
  }),
  plan({
    operation: callbackAttempts,
    kind: SpanKind.CLIENT,
    name: () => 'callback',
    parent: ({ delivery }) => delivery.origin?.trace ?? undefined,
    attributes: ({ delivery }) => ({
      'desk_ai.delivery.id': delivery.id,
      'desk_ai.attempt': delivery.attempts.length + 1,
      ...(delivery.taskId === null ? {} : { 'desk_ai.task.id': delivery.taskId }),
    }),
    ended: (span, { result }) => {
      if (!result) return;
      span.setAttribute('desk_ai.callback.outcome', result.outcome);
      if (result.status !== null) span.setAttribute('http.response.status_code', result.status);
    },
    failure: ({ result, ...run }) => {
      if (result) return result.outcome === 'delivered' ? undefined : result.reason;
      return 'error' in run ? codeOf(run.error) : undefined;
    },
  }),
];
