import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { type RenderJob } from './render-job.js';
import { RenderThread } from './render-thread.js';

const aJob = (side = 40): RenderJob => ({
  pixels: new Uint8Array(side * side * 3).fill(120),
  width: side,
  height: side,
  concept: 'OIL',
  seed: 1,
});

/** Long enough that it cannot have ended when the test cancels it. */
const aLongJob = (): RenderJob => aJob(1500);

/** A thread that works shows as a port in the list of what keeps the process alive. */
const busyThreads = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

/** Node takes an ended thread off its list a few turns of the event loop later. */
const untilBusyThreads = async (count: number): Promise<void> => {
  while (busyThreads() !== count) {
    await setImmediate();
  }
};

describe(RenderThread.name, () => {
  let thread: RenderThread;
  const never = new AbortController().signal;

  beforeEach(async () => {
    await untilBusyThreads(0);
    thread = new RenderThread();
  });

  afterEach(() => thread.close(new Error('The test is over')));

  it('rejects with the reason of the signal within a second and leaves no thread alive', async () => {
    const reason = new Error('The task was cancelled');
    const controller = new AbortController();
    const rendering = thread.render(aLongJob(), controller.signal);
    await untilBusyThreads(1);
    const startedAt = performance.now();
    controller.abort(reason);
    await expect(rendering).rejects.toBe(reason);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await untilBusyThreads(0);
  });

  it('does not start for a signal that has already aborted', async () => {
    const reason = new Error('Too late');
    await expect(thread.render(aJob(), AbortSignal.abort(reason))).rejects.toBe(reason);
    await untilBusyThreads(0);
  });

  it('goes on with the next job after one was cancelled', async () => {
    const controller = new AbortController();
    const cancelled = thread.render(aLongJob(), controller.signal);
    const next = thread.render(aJob(), never);
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    expect((await next).pixels).toHaveLength(40 * 40 * 3);
  });

  it('drops a waiting job without disturbing the running one', async () => {
    const controller = new AbortController();
    const running = thread.render(aJob(200), never);
    const waiting = thread.render(aJob(), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect((await running).pixels).toHaveLength(200 * 200 * 3);
  });

  it('reports a crash in the thread and recovers', async () => {
    const broken: RenderJob = { ...aJob(), width: -1 };
    await expect(thread.render(broken, never)).rejects.toMatchObject({ name: 'RangeError' });
    expect((await thread.render(aJob(), never)).pixels).toHaveLength(40 * 40 * 3);
  });

  it('fails unfinished and later jobs once closed', async () => {
    const running = thread.render(aLongJob(), never);
    const waiting = thread.render(aJob(), never);
    const reason = new Error('Shutting down');
    const outcomes = Promise.allSettled([running, waiting]);
    await thread.close(reason);
    expect(await outcomes).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    await expect(thread.render(aJob(), never)).rejects.toBe(reason);
    await untilBusyThreads(0);
  });
});
