import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

import { healthResults } from '../../common/telemetry/health-results.js';
import { type Meter, type Unwatch } from './meter.js';

/** Gauges of prom-client whose names promise counters; the same is told without `_total`, by type. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];
const STATUSES = ['up', 'degraded', 'down'] as const;

export interface BuildInfo {
  readonly version: string;
  readonly role: string;
}

/** The process itself: build, health, and prom-client's own metrics of Node. */
export class ServiceMeter implements Meter {
  private readonly health;

  constructor(registry: Registry, { version, role }: BuildInfo) {
    const registers = [registry];
    collectDefaultMetrics({ register: registry });
    for (const name of MISNAMED) registry.removeSingleMetric(name);
    const build = new Gauge({
      name: 'deskai_build_info',
      help: 'Always 1; the labels say what runs here.',
      labelNames: ['version', 'node_version', 'role'],
      registers,
    });
    build.set({ version, node_version: process.versions.node, role }, 1);
    this.health = new Gauge({
      name: 'deskai_health_check_status',
      help: '1 for the status that each health check has now, 0 for the others.',
      labelNames: ['check', 'status'],
      registers,
    });
  }

  watch(): readonly Unwatch[] {
    return [
      healthResults.watch(({ check, status }) => {
        for (const one of STATUSES) {
          this.health.set({ check, status: one }, one === status ? 1 : 0);
        }
      }),
    ];
  }
}
