/** What names in the image store are derived from, so that nothing of a task is ever orphaned. */
export interface ClaimedTask {
  readonly id: string;
  readonly claim: number;
}

// What a step brings from outside differs each time, so each claim has a file of its own: the late
// picture of a worker that has lost its claim must not replace the one that was recorded.
export const sourceName = ({ id, claim }: ClaimedTask): string => `${id}-source-${claim}.jpg`;
export const drawnName = ({ id, claim }: ClaimedTask): string => `${id}-drawn-${claim}.jpg`;
// These are made of recorded files, so every claim writes the same bytes.
export const inputName = (taskId: string): string => `${taskId}-input.jpg`;
export const resultName = (taskId: string): string => `${taskId}.jpg`;

/** Needed only while the task runs; those of every claim that it has had. */
export const workingNames = ({ id, claim }: ClaimedTask): readonly string[] =>
  Array.from({ length: claim }, (_, index) => ({ id, claim: index + 1 })).flatMap((one) => [
    sourceName(one),
    drawnName(one),
  ]);

export const keptNames = (taskId: string): readonly string[] => [
  inputName(taskId),
  resultName(taskId),
];
