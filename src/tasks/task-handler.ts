import { type JsonObject, type Task } from './task.js';
import { type TaskContext } from './task-context.js';

export interface StepPlan {
  readonly name: string;
  /** `progress.percent` once the step has finished. */
  readonly percent: number;
  /** Names that earlier versions gave to the same step, so that their tasks do not run it again. */
  readonly formerNames?: readonly string[];
}

/** What a feature gives to the engine: one handler for each kind of task. */
export interface TaskHandler {
  readonly kind: string;
  /**
   * Grows when an older version of the service could not finish the tasks of this one; it leaves
   * them alone then. A task remembers the version that it was created by.
   */
  readonly version: number;
  readonly steps: readonly StepPlan[];
  /**
   * Runs the task from its first step; finished steps answer from the store. Resolves when the task
   * has succeeded; an error decides how it ended (see `retry-policy.ts`).
   */
  run(context: TaskContext): Promise<void>;
  /** The kind's part of the task's JSON, on the wire and in callbacks alike. */
  toResource(task: Task): JsonObject;
  /** Removes what the task stored outside the task store. */
  deleteFiles(task: Task): Promise<void>;
  /** Called once when the task has ended; removes working files. */
  cleanUp(task: Task): Promise<void>;
}

/** Handlers by kind; exactly one each. */
export class TaskHandlers {
  private readonly byKind = new Map<string, TaskHandler>();

  register(handler: TaskHandler): void {
    if (this.byKind.has(handler.kind)) {
      throw new Error(`Two handlers are registered for tasks of kind ${handler.kind}`);
    }
    this.byKind.set(handler.kind, handler);
  }

  find(kind: string): TaskHandler | undefined {
    return this.byKind.get(kind);
  }

  get(kind: string): TaskHandler {
    const handler = this.byKind.get(kind);
    if (!handler) throw new Error(`No handler is registered for tasks of kind ${kind}`);
    return handler;
  }

  kinds(): readonly string[] {
    return [...this.byKind.keys()];
  }
}
