import {
  type Attributes,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';

import { type Operation, type Run } from '../common/telemetry/operation.js';
import {
  currentTrace,
  spanIdOf,
  type TraceContext,
  traceContexts,
  traceIdOf,
} from '../common/telemetry/trace-context.js';

const SAMPLED = 1;

/** How the runs of one operation become spans. */
export interface SpanPlan<C extends object, R> {
  readonly operation: Operation<C, R>;
  readonly kind?: SpanKind;
  /** Null: no span for this one. */
  name(context: C): string | null;
  /** Where it belongs; without this, to whatever work it is a part of. */
  parent?(context: C): TraceContext | undefined;
  attributes?(context: C): Attributes;
  ended?(span: Span, run: Run<C, R>): void;
  /** Stable word for what went wrong; undefined when it did not. */
  failure(run: Run<NoInfer<C>, NoInfer<R>>): string | undefined;
}

export type RecordSpans = (recorder: SpanRecorder) => readonly (() => void)[];

/** Keeps one span for each run that goes on and makes it the place that its work belongs to. */
export class SpanRecorder {
  private unwatch: readonly (() => void)[] = [];

  constructor(
    private readonly tracer: Tracer,
    private readonly plans: readonly RecordSpans[],
  ) {}

  start(): void {
    this.unwatch = this.plans.flatMap((plan) => plan(this));
  }

  stop(): void {
    for (const end of this.unwatch) end();
    this.unwatch = [];
  }

  record<C extends object, R>(plan: SpanPlan<C, R>): readonly (() => void)[] {
    const spans = new WeakMap<Run<C, R>, Span>();
    const enter = (run: Run<C, R>): TraceContext | undefined => {
      // Node ends the process for an error in here.
      try {
        const span = this.begin(plan, run.context);
        if (!span) return undefined;
        spans.set(run, span);
        return toTraceContext(span);
      } catch {
        return currentTrace();
      }
    };
    const ended = (run: Run<C, R>): void => {
      const span = spans.get(run);
      if (!span) return;
      plan.ended?.(span, run);
      const failure = plan.failure(run);
      if (failure !== undefined) {
        span.setAttribute('error.type', failure);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    };
    return [plan.operation.bind(traceContexts, enter), plan.operation.watch({ ended })];
  }

  private begin<C extends object, R>(plan: SpanPlan<C, R>, context: C): Span | undefined {
    const name = plan.name(context);
    if (name === null) return undefined;
    const parent = plan.parent ? plan.parent(context) : currentTrace();
    const attributes = plan.attributes?.(context) ?? {};
    const options = { kind: plan.kind ?? SpanKind.INTERNAL, attributes };
    return this.tracer.startSpan(name, options, toSdkContext(parent));
  }
}

const toSdkContext = (parent: TraceContext | undefined): typeof ROOT_CONTEXT => {
  if (!parent) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: traceIdOf(parent),
    spanId: spanIdOf(parent),
    traceFlags: Number.parseInt(parent.traceparent.slice(-2), 16) & SAMPLED,
    isRemote: true,
    ...(parent.tracestate === undefined ? {} : { traceState: createTraceState(parent.tracestate) }),
  });
};

const toTraceContext = (span: Span): TraceContext => {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, '0');
  const tracestate = traceState?.serialize() ?? '';
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    ...(tracestate === '' ? {} : { tracestate }),
  };
};
