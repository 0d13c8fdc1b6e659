import { Operation } from '../telemetry/operation.js';

export interface RequestStart {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly requestId: string;
  /** What the caller sent, not checked. */
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

export interface RequestEnd {
  /** Template such as `/tasks/:id`; undefined when no route has this method and path. */
  readonly route: string | undefined;
  readonly status: number;
  /** False when the client had gone before the answer was written. */
  readonly isComplete: boolean;
  /** Name of the API key. */
  readonly key: string;
  /** Of the body, as its header claims; the body parser holds it to that. */
  readonly requestBytes: number;
  /** On the wire, headers included. */
  readonly responseBytes: number;
}

export const httpRequests = new Operation<RequestStart, RequestEnd>('desk-ai.http.request');
