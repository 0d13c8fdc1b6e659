export const TASK_QUEUE = Symbol('TASK_QUEUE');

export type TaskRun = (taskId: string) => Promise<void>;

/** Says which task is to run next; it holds ids only, the truth is in the task store. */
export interface TaskQueue {
  /** Starts taking tasks; `run` never rejects. */
  start(run: TaskRun): void;
  /** The task becomes ready after `delayMs`. */
  add(taskId: string, delayMs?: number): Promise<void>;
  /** Takes no further tasks and resolves when those that run have come back, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
}
