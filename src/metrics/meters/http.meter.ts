import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import {
  httpRequests,
  type RequestEnd,
  type RequestStart,
} from '../../common/http/request.diagnostics.js';
import { type Run, secondsSince } from '../../common/telemetry/operation.js';
import { type Meter, REQUEST_BUCKETS, SIZE_BUCKETS, type Unwatch } from './meter.js';

/** Whatever else a client invents is one label. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Requests by the template of their route, never by their path. */
export class HttpMeter implements Meter {
  private readonly requests;
  private readonly duration;
  private readonly requestSize;
  private readonly responseSize;
  private readonly inProgress;
  private readonly byKey;

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'deskai_http_requests_total',
      help: 'Requests that were answered, by route template, method and status.',
      labelNames: ['route', 'method', 'code'],
      registers,
    });
    this.duration = new Histogram({
      name: 'deskai_http_request_duration_seconds',
      help: 'Time from the headers of a request to the end of its answer.',
      labelNames: ['route', 'method'],
      buckets: REQUEST_BUCKETS,
      registers,
    });
    this.requestSize = new Histogram({
      name: 'deskai_http_request_size_bytes',
      help: 'Size of the bodies of requests.',
      labelNames: ['route'],
      buckets: SIZE_BUCKETS,
      registers,
    });
    this.responseSize = new Histogram({
      name: 'deskai_http_response_size_bytes',
      help: 'Size of answers on the wire, headers included.',
      labelNames: ['route'],
      buckets: SIZE_BUCKETS,
      registers,
    });
    this.inProgress = new Gauge({
      name: 'deskai_http_requests_in_progress',
      help: 'Requests that are being answered, event streams included.',
      registers,
    });
    this.byKey = new Counter({
      name: 'deskai_api_key_requests_total',
      help: 'Requests by the name of their API key and the class of their status.',
      labelNames: ['key', 'class'],
      registers,
    });
  }

  watch(): readonly Unwatch[] {
    return [
      httpRequests.watch({
        started: () => this.inProgress.inc(),
        ended: (run) => this.count(run),
      }),
    ];
  }

  private count({ context, startedAt, result }: Run<RequestStart, RequestEnd>): void {
    this.inProgress.dec();
    if (!result) return;
    const route = result.route ?? 'unmatched';
    const method = METHODS.has(context.method) ? context.method : 'other';
    // What a load balancer would say of a client that had gone.
    const code = result.isComplete ? String(result.status) : '499';
    this.requests.inc({ route, method, code });
    this.duration.observe({ route, method }, secondsSince(startedAt));
    this.requestSize.observe({ route }, result.requestBytes);
    this.responseSize.observe({ route }, result.responseBytes);
    this.byKey.inc({ key: result.key, class: `${code.charAt(0)}xx` });
  }
}
