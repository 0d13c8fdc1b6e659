import { AsyncLocalStorage } from 'node:async_hooks';

/** Where in a distributed trace the current work is: W3C Trace Context. */
export interface TraceContext {
  /** `00-<trace id>-<span id>-<flags>` */
  readonly traceparent: string;
  readonly tracestate?: string;
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const TRACE_ID = { start: 3, end: 35 };
const MAX_TRACESTATE = 512;

/** Filled by the tracing while it is switched on, and empty otherwise. */
export const traceContexts = new AsyncLocalStorage<TraceContext | undefined>();

export const currentTrace = (): TraceContext | undefined => traceContexts.getStore();

export const traceIdOf = ({ traceparent }: TraceContext): string =>
  traceparent.slice(TRACE_ID.start, TRACE_ID.end);

export const spanIdOf = ({ traceparent }: TraceContext): string =>
  traceparent.slice(TRACE_ID.end + 1, -3);

/** Headers of a request to a server that a setting names; none while tracing is off. */
export const traceHeaders = (): Readonly<Record<string, string>> => {
  const trace = currentTrace();
  if (!trace) return {};
  const { traceparent, tracestate } = trace;
  return { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
};

/** What a caller sent, if it is one; a tracestate that is too long is left out, as the standard allows. */
export const parseTrace = (
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceContext | undefined => {
  if (traceparent === undefined || !TRACEPARENT.test(traceparent)) return undefined;
  const hasState =
    tracestate !== undefined && tracestate !== '' && tracestate.length <= MAX_TRACESTATE;
  return { traceparent, ...(hasState ? { tracestate } : {}) };
};

/** The work at hand when it is a part of the same trace, else the place where that trace was left. */
export const continueTrace = (left: TraceContext): TraceContext => {
  const here = currentTrace();
  return here && traceIdOf(here) === traceIdOf(left) ? here : left;
};

/** Work that outlives the request that set it off is not a part of it. */
export const outsideTraces = <T>(work: () => T): T => traceContexts.run(undefined, work);
