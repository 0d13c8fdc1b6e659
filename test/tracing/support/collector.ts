import { createServer, type IncomingHttpHeaders } from 'node:http';

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the process that sent it. */
  readonly resource: Readonly<Record<string, unknown>>;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly kind: number;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly status?: { readonly code?: number };
        readonly attributes: readonly KeyValue[];
      }[];
    }[];
  }[];
}

const toRecord = (pairs: readonly KeyValue[]): Record<string, unknown> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));

const ERROR = 2;

/** An OpenTelemetry collector on loopback, as far as OTLP over HTTP with JSON goes. */
export class Collector {
  readonly spans: CollectedSpan[] = [];
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly text: string }[] = [];
  private readonly server = createServer();
  url = '';

  static async start(): Promise<Collector> {
    const collector = new Collector();
    const { server } = collector;
    server.on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        const isTraces = request.method === 'POST' && request.url === '/v1/traces';
        if (isTraces) collector.take(request.headers, text);
        response.writeHead(isTraces ? 200 : 404, { 'Content-Type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    collector.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    return collector;
  }

  /** Settings of a service that sends here soon. */
  get settings(): Readonly<Record<string, string>> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
  }

  named(name: string): readonly CollectedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  childrenOf(parent: CollectedSpan | undefined): readonly CollectedSpan[] {
    return this.spans.filter(
      ({ parentSpanId, traceId }) =>
        parent !== undefined && parentSpanId === parent.spanId && traceId === parent.traceId,
    );
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take(headers: IncomingHttpHeaders, text: string): void {
    this.requests.push({ headers, text });
    for (const { resource, scopeSpans } of (JSON.parse(text) as OtlpTraces).resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        if (BigInt(span.endTimeUnixNano) < BigInt(span.startTimeUnixNano)) {
          throw new RangeError(`${span.name} ends before it begins`);
        }
        this.spans.push({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId ?? '',
          name: span.name,
          kind: span.kind,
          isError: span.status?.code === ERROR,
          attributes: toRecord(span.attributes),
          resource: toRecord(resource.attributes),
        });
      }
    }
  }
}
