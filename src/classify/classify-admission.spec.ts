import { describe, expect, it } from '@jest/globals';

import { ProviderError } from '../common/errors/errors.js';
import { type AccessConfig } from '../config/access.config.js';
import { ClassifyAdmission } from './classify-admission.js';

const anAdmission = (concurrency: number, cpus = 1) => {
  const clock = { time: 0, now: () => clock.time };
  const config = { classify: { concurrency, cpus, slots: cpus } } as AccessConfig;
  return { clock, admission: new ClassifyAdmission(config, clock) };
};

/** Work that ends when the test says so. */
const aJob = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: () => resolve() };
};

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe(ClassifyAdmission.name, () => {
  it('refuses at once above the cap and takes again when one is done', async () => {
    const { admission } = anAdmission(1);
    const job = aJob();
    const first = admission.admit(() => job.work());

    const refusal = await admission.admit(() => Promise.resolve()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ProviderError);
    expect(refusal).toMatchObject({ code: 'provider_unavailable', retryAfterMs: 1_000 });

    job.end();
    await first;
    expect(await admission.admit(() => Promise.resolve('done'))).toBe('done');
  });

  it('gives room back after a failure', async () => {
    const { admission } = anAdmission(1);
    await expect(
      admission.admit((useCpu) => useCpu(() => Promise.reject(new Error('broken photo')))),
    ).rejects.toThrow('broken photo');

    expect(await admission.admit((useCpu) => useCpu(() => Promise.resolve(1)))).toBe(1);
  });

  it('works on as many photos as there are CPUs, in the order they came', async () => {
    const { admission } = anAdmission(10, 2);
    const jobs = [aJob(), aJob(), aJob()];
    const started: number[] = [];
    const all = jobs.map((job, index) =>
      admission.admit((useCpu) =>
        useCpu(() => {
          started.push(index);
          return job.work();
        }),
      ),
    );

    await settle();
    expect(started).toEqual([0, 1]);
    jobs[1]?.end();
    await settle();
    expect(started).toEqual([0, 1, 2]);
    for (const job of jobs) job.end();
    await Promise.all(all);
  });

  it('lets slow downloads wait without holding a CPU', async () => {
    const { admission } = anAdmission(10, 1);
    const download = aJob();
    const slow = admission.admit(() => download.work());

    expect(await admission.admit((useCpu) => useCpu(() => Promise.resolve('quick')))).toBe('quick');
    download.end();
    await slow;
  });

  /** Three photos where one may be worked on and two may wait, for longer than a burst lasts. */
  const anOverload = async () => {
    const { admission, clock } = anAdmission(3, 1);
    const jobs = [aJob(), aJob(), aJob()];
    const admitted = jobs.map((job) => admission.admit((useCpu) => useCpu(job.work)));
    await settle();
    clock.time = 1_100;
    await expect(admission.admit(() => Promise.resolve())).rejects.toThrow(/Too many photos/);
    for (const job of jobs) job.end();
    await Promise.all(admitted);
    return { admission, clock };
  };

  it('lets nobody wait any more when it has been behind and more come than may wait', async () => {
    const { admission } = await anOverload();
    const job = aJob();
    const one = admission.admit((useCpu) => useCpu(job.work));

    await expect(admission.admit(() => Promise.resolve())).rejects.toThrow(/Too many photos/);
    job.end();
    await one;
  });

  it('goes on serving patient clients that are fewer than may wait, for ever', async () => {
    const { admission, clock } = anAdmission(3, 1);
    for (let round = 0; round < 5; round += 1) {
      const jobs = [aJob(), aJob(), aJob()];
      const admitted = jobs.map((job) => admission.admit((useCpu) => useCpu(job.work)));
      await settle();
      clock.time += 2_000;
      for (const job of jobs) job.end();
      await Promise.all(admitted);
    }
    expect(await admission.admit(() => Promise.resolve('in'))).toBe('in');
  });

  it('lets them wait again when a CPU has been idle for a while, also behind slow downloads', async () => {
    const { admission, clock } = await anOverload();
    const download = aJob();
    const slow = admission.admit(() => download.work());

    clock.time = 2_000;
    await expect(admission.admit(() => Promise.resolve())).rejects.toThrow();
    clock.time = 2_200;
    expect(await admission.admit(() => Promise.resolve('in'))).toBe('in');
    download.end();
    await slow;
  });
});
