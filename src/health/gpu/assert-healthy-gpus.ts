import { GpuTrouble } from './gpu-trouble.js';
import { type Gpu } from './parse-gpus.js';

const troubleOf = ({ details: { index }, uncorrectedErrors, hasPendingPages }: Gpu): string[] => [
  ...(uncorrectedErrors > 0
    ? [
        `GPU ${index} has ${uncorrectedErrors} uncorrectable memory errors (ECC) since the driver was loaded.`,
      ]
    : []),
  ...(hasPendingPages
    ? [`GPU ${index} waits for a reset or reboot to retire broken memory pages.`]
    : []),
];

/** @throws GpuTrouble when one of them has memory errors, or one is missing */
export const assertHealthyGpus = (gpus: readonly Gpu[], minCount: number): void => {
  const details = gpus.map((gpu) => gpu.details);
  if (gpus.length < minCount) {
    const message =
      gpus.length === 0 ? 'There is no GPU.' : `Only ${gpus.length} of ${minCount} GPUs are there.`;
    throw new GpuTrouble(message, { details });
  }
  const reasons = gpus.flatMap(troubleOf);
  if (reasons.length > 0) throw new GpuTrouble(reasons.join(' '), { details });
};
