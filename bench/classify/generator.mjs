import { monitorEventLoopDelay } from 'node:perf_hooks';

import { cpuMsOf } from './children.mjs';
import { openHttpLoad } from './http-load.mjs';

const NS_PER_MS = 1e6;

/**
 * How many requests the load generator can send when the server does nothing: the proof that it is
 * not what limits the endpoints.
 */
export const measureGenerator = async ({ photos, photoUrl, inFlight }) => {
  const load = openHttpLoad({ address: `${photoUrl}/echo`, photoUrl, photos, inFlight });
  const [kind] = Object.keys(photos);
  await load.measure({ kind, leadMs: 0, windowMs: 300 });
  const { times, windowMs } = await load.measure({ kind, leadMs: 100, windowMs: 1_000 });
  return times.length / (windowMs / 1_000);
};

/** What the generator and the photo server cost while `load` runs. */
export const measureTools = async (load, photoServerPid) => {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const [cpuBefore, serverBefore] = [process.cpuUsage(), cpuMsOf([photoServerPid])];
  const startedAt = performance.now();
  delay.enable();
  const result = await load();
  delay.disable();
  const { user, system } = process.cpuUsage(cpuBefore);
  const elapsedMs = performance.now() - startedAt;
  const toolMs = (user + system) / 1_000;
  return {
    result,
    generatorShare: toolMs / elapsedMs,
    photoServerShare: (cpuMsOf([photoServerPid]) - serverBefore) / elapsedMs,
    delayP99Ms: Math.max(0, delay.percentile(99) / NS_PER_MS - 5),
  };
};
