import { setTimeout as sleep } from 'node:timers/promises';

import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

import { type AppLogger } from '../common/logging/app-logger.js';
import { type TracingConfig } from '../config/tracing.config.js';
import { SpanRecorder } from './span-recorder.js';
import { SPAN_PLANS } from './span-plans.js';
import { type Tracing } from './tracing.port.js';

/** A collector that is away must not hold up the end of the process, in milliseconds. */
const LAST_FLUSH_MS = 2_000;
/** A collector that is away is worth a line now and then, in milliseconds. */
const COMPLAIN_EVERY_MS = 60_000;

export interface TracedService {
  readonly version: string;
  readonly role: string;
  /** Tells the processes of a service apart. */
  readonly instance: string;
}

/** The SDK behind our spans. Only `tracing.module.ts` imports this file, and only when tracing is on. */
export const createOpenTelemetry = (
  config: TracingConfig,
  service: TracedService,
  logger: AppLogger,
): Tracing => {
  complainTo(logger);
  const processor = new BatchSpanProcessor({
    // Reads the endpoint, headers, timeouts and certificates of the standard from the environment.
    exporter: new OTLPTraceExporter(),
    scheduledDelayMillis: config.scheduleDelayMs,
  });
  const provider = new TracerProvider({
    sampler: samplerOf(config),
    spanProcessors: [processor],
    resource: defaultResource()
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(
        resourceFromAttributes({
          'service.name': config.serviceName,
          'service.version': service.version,
          'service.instance.id': service.instance,
          'desk_ai.role': service.role,
        }),
      ),
  });
  const recorder = new SpanRecorder(provider.getTracer('desk-ai', service.version), SPAN_PLANS);
  return {
    start: () => recorder.start(),
    stop: async () => {
      recorder.stop();
      const flushed = provider.shutdown().catch(() => undefined);
      await Promise.race([flushed, sleep(LAST_FLUSH_MS, undefined, { ref: false })]);
      diag.disable();
    },
  };
};

const samplerOf = ({ sampler, samplerRatio }: TracingConfig): Sampler => {
  const root = rootSamplerOf(sampler.replace('parentbased_', ''), samplerRatio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
};

const rootSamplerOf = (name: string, ratio: number): Sampler => {
  switch (name) {
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    default:
      return new AlwaysOnSampler();
  }
};

const complainTo = (logger: AppLogger): void => {
  let toldAt = Number.NEGATIVE_INFINITY;
  const ignore = (): void => undefined;
  const complain = (message: string): void => {
    if (performance.now() - toldAt < COMPLAIN_EVERY_MS) return;
    toldAt = performance.now();
    logger.warn('Traces cannot be delivered', { reason: message.slice(0, 300) });
  };
  const sink = { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(sink, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
};
