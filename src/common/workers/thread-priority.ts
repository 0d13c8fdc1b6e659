import { readdir, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

/** Elsewhere the id 0 below would mean the whole process. */
const HAS_THREAD_PRIORITIES = process.platform === 'linux';
const POOL_THREAD = 'libuv-worker';
const TASKS = '/proc/self/task';

/**
 * Puts the calling thread behind the others, so that threads which compute do not delay the one that
 * answers requests. On Linux a nice value belongs to a thread, whatever POSIX says
 * (setpriority(2), "C library/kernel differences").
 *
 * @param nice 0 to 19; larger stands further back
 */
export const lowerOwnPriority = (nice: number): void => lower(0, nice);

/**
 * The same for the threads of libuv's pool, where photos are decoded; the threads that libvips starts
 * there inherit it. To be called when the pool has been used: only then it exists.
 */
export const lowerPoolPriority = async (nice: number): Promise<void> => {
  if (!HAS_THREAD_PRIORITIES || nice === 0) return;
  const ids = await readdir(TASKS).catch(() => []);
  await Promise.all(
    ids.map(async (id) => {
      const name = await readFile(`${TASKS}/${id}/comm`, 'utf8').catch(() => '');
      if (name.trim() === POOL_THREAD) lower(Number(id), nice);
    }),
  );
};

const lower = (thread: number, nice: number): void => {
  if (!HAS_THREAD_PRIORITIES || nice === 0) return;
  try {
    setPriority(thread, nice);
  } catch {
    // A sandbox may forbid it, and a thread may have ended: everything works as well, only less promptly.
  }
};
