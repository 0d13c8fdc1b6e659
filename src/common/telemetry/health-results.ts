import { Occurrence } from './occurrence.js';

export interface HealthResult {
  /** Name of the check. */
  readonly check: string;
  readonly status: 'up' | 'degraded' | 'down';
}

export const healthResults = new Occurrence<HealthResult>('desk-ai.health.result');
