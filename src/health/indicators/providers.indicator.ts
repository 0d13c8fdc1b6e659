import {
  type ProviderReport,
  type ProviderStatus,
} from '../../providers/status/provider-status.js';
import { failed, type HealthCheck, ok } from '../health-check.js';

/** Longer than the 4 s that the inference server has by itself, so that its own words are told. */
const TIMEOUT_MS = 5_000;

/** Vendors, their models, and the team's own inference server: never a reason to take anybody out. */
export const providersCheck = (status: Pick<ProviderStatus, 'read'>): HealthCheck => ({
  name: 'providers',
  scope: 'shared',
  whenLate: 'failure',
  timeoutMs: TIMEOUT_MS,
  async run() {
    const report = await status.read();
    const data = toData(report);
    return report.status === 'up' ? ok(data) : failed(report.reasons.join(' '), data);
  },
});

const toData = ({ models, inference, breakers }: ProviderReport) => ({
  models: models.state,
  inference_server: inference?.state ?? null,
  left_alone: breakers.filter(({ state }) => state !== 'closed').map(({ provider }) => provider),
});
