/** Names in the image store, all derived from the task's id so that nothing of a task is ever orphaned. */
export const sourceName = (taskId: string): string => `${taskId}-source.jpg`;
export const inputName = (taskId: string): string => `${taskId}-input.jpg`;
export const drawnName = (taskId: string): string => `${taskId}-drawn.jpg`;
export const resultName = (taskId: string): string => `${taskId}.jpg`;

/** Needed only while the task runs. */
export const workingNames = (taskId: string): readonly string[] => [
  sourceName(taskId),
  drawnName(taskId),
];

export const keptNames = (taskId: string): readonly string[] => [
  inputName(taskId),
  resultName(taskId),
];
