export const TASK_QUEUE = Symbol('TASK_QUEUE');

export type TaskRun = (taskId: string) => Promise<void>;

/** Runs one SQL statement with `$1` parameters inside the store's transaction. */
export type SqlRunner = (
  sql: string,
  parameters: readonly unknown[],
) => Promise<{ rows: Record<string, unknown>[] }>;

/** Says which task is to run next; it holds ids only, the truth is in the task store. */
export interface TaskQueue {
  /** Before any task is created. */
  open(): Promise<void>;
  /** Called by the store inside the transaction that makes a task ready; twice is no harm. */
  enlist(run: SqlRunner, taskId: string, dueAt: Date): Promise<void>;
  /** Called by the store inside the transaction that takes a task away from whoever runs it. */
  recall(run: SqlRunner, taskId: string): Promise<void>;
  /** Called after the transaction of `enlist`, in the process that made it. */
  wake(taskId: string, dueAt: Date): void;
  /** Starts taking tasks; `run` never rejects. `onRecalled` may come late or never: a hint. */
  start(run: TaskRun, onRecalled: (taskId: string) => void): void;
  /** Takes no further tasks and resolves when those that run have come back, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
  /** False when its loop has stopped turning. */
  isAlive(): boolean;
}
