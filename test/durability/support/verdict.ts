import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { type TaskStorage } from '../../../src/tasks/task-storage.js';
import { type StepRecord, type Task } from '../../../src/tasks/task.js';
import { type Call, type StandIns } from './stand-ins.js';

export interface Verdict {
  readonly tasks: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly unended: readonly string[];
  /** Calls to a provider for a step that had been recorded as done before. */
  readonly repeatedSteps: readonly string[];
  readonly endedEvents: readonly string[];
  readonly callbackIds: readonly string[];
  readonly untold: readonly string[];
  /** Files that nothing will remove: of no task, or working files of one whose clean-up counts as done. */
  readonly orphanedImages: readonly string[];
  /** Calls in flight at a kill, made again afterwards. */
  readonly repeatedInFlight: number;
}

const KEPT = (id: string): readonly string[] => [`${id}-input.jpg`, `${id}.jpg`];

const finishedAt = (steps: readonly StepRecord[], name: string): number | undefined =>
  steps.find((step) => step.step === name && step.outcome === 'done')?.finishedAt.getTime();

const callsFor = (calls: readonly Call[], what: string, who: string): readonly Call[] =>
  calls.filter((call) => call.what === what && call.who === who);

const photoNumber = (task: Task): string =>
  /(\d+)$/.exec(String(task.input['initialImageUrl']))?.[1] ?? '';

const inputHash = (steps: readonly StepRecord[]): string => {
  const fetched = steps.find((step) => step.step === 'fetch_image' && step.outcome === 'done');
  return (fetched?.output as { sha256?: string } | undefined)?.sha256 ?? 'none';
};

const imagesUnder = async (dataDir: string): Promise<readonly string[]> => {
  const entries = await readdir(join(dataDir, 'images'), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  // Halves of files are swept by their age and are no images yet.
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('unfinished'))
    .map((entry) => entry.name);
};

/** Holds what the stand-ins were asked against what the store says. */
export const judge = async (
  storage: TaskStorage,
  standIns: StandIns,
  acknowledged: readonly string[],
  dataDir: string,
): Promise<Verdict> => {
  const { calls } = standIns;
  const found: Task[] = [];
  const repeatedSteps: string[] = [];
  const endedEvents: string[] = [];
  const callbackIds: string[] = [];
  const untold: string[] = [];
  let repeatedInFlight = 0;
  for (const id of acknowledged) {
    const task = await storage.store.find(id);
    if (!task) continue;
    found.push(task);
    const steps = await storage.store.steps(id);
    const checks = [
      { step: 'fetch_image', made: callsFor(calls, 'photo', photoNumber(task)) },
      { step: 'generate_image', made: callsFor(calls, 'draw', inputHash(steps)) },
    ];
    for (const { step, made } of checks) {
      const doneAt = finishedAt(steps, step) ?? Infinity;
      repeatedInFlight += Math.max(0, made.length - 1);
      if (made.some((call) => call.at > doneAt)) repeatedSteps.push(`${id} ${step}`);
    }
    const events = await storage.store.events(id, 0);
    if (events.filter((event) => event.type === 'ended').length !== 1) endedEvents.push(id);
    const told = callsFor(calls, 'callback', id).map((call) => call.detail);
    if (told.length === 0) untold.push(id);
    if (new Set(told).size > 1) callbackIds.push(`${id}: ${told.join(', ')}`);
  }
  const keep = new Set(
    found.filter((task) => task.status === 'succeeded').flatMap((task) => KEPT(task.id)),
  );
  const ended = found.filter((task) => task.finishedAt !== null);
  // Whoever was killed during the clean-up left its task marked for another one.
  const untidy = await storage.store.findUntidy(new Date(), acknowledged.length);
  const isRemembered = (name: string): boolean => untidy.some(({ id }) => name.startsWith(id));
  return {
    tasks: found.length,
    byStatus: Object.fromEntries(
      [...Map.groupBy(found, (task) => task.status)].map(([key, of]) => [key, of.length]),
    ),
    unended: acknowledged.filter((id) => !ended.some((task) => task.id === id)),
    repeatedSteps,
    endedEvents,
    callbackIds,
    untold,
    orphanedImages: (await imagesUnder(dataDir)).filter(
      (name) => !keep.has(name) && !isRemembered(name),
    ),
    repeatedInFlight,
  };
};
