import { type GpuConfig } from '../../config/health.config.js';
import { assertHealthyGpus } from '../gpu/assert-healthy-gpus.js';
import { GpuTrouble } from '../gpu/gpu-trouble.js';
import { NvidiaSmi } from '../gpu/nvidia-smi.js';
import { GPU_FIELDS, parseGpus } from '../gpu/parse-gpus.js';
import { failed, type HealthCheck, ok } from '../health-check.js';

/** Time for the tool to be killed and to be reported, in milliseconds. */
const SLACK_MS = 500;

/** Where a GPU is expected, this machine is of no use without it. */
export const gpuCheck = ({ timeoutMs, minCount, environment }: GpuConfig): HealthCheck => {
  const tool = new NvidiaSmi({ timeoutMs, environment });
  return {
    name: 'gpu',
    scope: 'instance',
    whenLate: 'failure',
    timeoutMs: timeoutMs + SLACK_MS,
    async run(signal) {
      try {
        const gpus = parseGpus(await tool.query(GPU_FIELDS, signal));
        assertHealthyGpus(gpus, minCount);
        return ok({ gpus: gpus.map((gpu) => gpu.details) });
      } catch (error) {
        if (!(error instanceof GpuTrouble)) throw error;
        const { details } = error;
        return failed(
          error.message,
          details.length > 0 ? { gpus: details } : undefined,
          error.cause,
        );
      }
    },
  };
};
