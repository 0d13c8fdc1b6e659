import { Registry } from 'prom-client';

import { type ProviderStatus } from '../providers/status/provider-status.js';
import { type TaskStore } from '../tasks/task-store.port.js';
import { CallbacksMeter } from './meters/callbacks.meter.js';
import { ClassifyMeter } from './meters/classify.meter.js';
import { HttpMeter } from './meters/http.meter.js';
import { type Meter, type Unwatch } from './meters/meter.js';
import { ProvidersMeter } from './meters/providers.meter.js';
import { type BuildInfo, ServiceMeter } from './meters/service.meter.js';
import { TasksMeter } from './meters/tasks.meter.js';
import { BacklogReading } from './readings/backlog.reading.js';
import { ProvidersReading } from './readings/providers.reading.js';

export interface MeasuredParts {
  /** Off: nothing is measured. */
  readonly isOn: boolean;
  readonly build: BuildInfo;
  readonly store: Pick<TaskStore, 'backlog'>;
  readonly status: Pick<ProviderStatus, 'read'>;
}

/** All metrics of this process, in a registry of its own. */
export class MetricsService {
  readonly isOn: boolean;
  private readonly registry = new Registry();
  private readonly meters: readonly Meter[] = [];
  private readonly readings: readonly { collect(): Promise<void> }[] = [];
  private unwatch: readonly Unwatch[] = [];

  constructor({ isOn, build, store, status }: MeasuredParts) {
    const { registry } = this;
    this.isOn = isOn;
    if (!isOn) return;
    this.meters = [
      new HttpMeter(registry),
      new ClassifyMeter(registry),
      new TasksMeter(registry),
      new ProvidersMeter(registry),
      new CallbacksMeter(registry),
      new ServiceMeter(registry, build),
    ];
    this.readings = [new BacklogReading(registry, store), new ProvidersReading(registry, status)];
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  start(): void {
    this.unwatch = this.meters.flatMap((meter) => meter.watch());
  }

  stop(): void {
    for (const end of this.unwatch) end();
    this.unwatch = [];
  }

  /** The text that Prometheus reads; never later than what hangs outside may make it. */
  async render(): Promise<string> {
    await Promise.all(this.readings.map((reading) => reading.collect()));
    return this.registry.metrics();
  }
}
