import { failed, type HealthCheck, ok } from '../health-check.js';

const toMb = (bytes: number): number => Math.floor(bytes / 1_048_576);

/** Taken out before the kernel kills it, so that what runs can still end. */
export const memoryCheck = (
  limitBytes: number,
  timeoutMs: number,
  rss: () => number = () => process.memoryUsage.rss(),
): HealthCheck => ({
  name: 'memory',
  scope: 'instance',
  whenLate: 'busy',
  timeoutMs,
  run() {
    const bytes = rss();
    const data = { rss_mb: toMb(bytes), limit_mb: toMb(limitBytes) };
    return bytes > limitBytes ? failed('This process uses too much memory.', data) : ok(data);
  },
});
