import {
  type JsonObject,
  type StepRecord,
  type Task,
  type TaskError,
  type TaskEvent,
  type TaskStatus,
} from './task.js';

export const TASK_STORE = Symbol('TASK_STORE');

export interface NewTask {
  readonly id: string;
  readonly kind: string;
  readonly owner: string;
  readonly input: JsonObject;
  readonly callbackUrl: string | null;
  readonly createdAt: Date;
  /** The client's key and a fingerprint of the request it came with; null when none was sent. */
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null;
  /** More tasks than this may not wait. */
  readonly queueLimit: number;
}

export type CreateOutcome =
  | { readonly kind: 'created'; readonly task: Task }
  /** The same key with the same request: the task of the first time. */
  | { readonly kind: 'existing'; readonly task: Task }
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'queue_full'; readonly waiting: number };

export interface TaskFilter {
  /** Undefined lists the tasks of every owner. */
  readonly owner?: string;
  readonly status?: TaskStatus;
  readonly kind?: string;
  readonly initialImageUrl?: string;
}

export interface TaskPage {
  /** Newest first. */
  readonly tasks: readonly Task[];
  /** Id after which the next page starts; null on the last one. */
  readonly next: string | null;
}

/** What a running task reports between its states. */
export interface TaskProgress {
  readonly step?: string;
  readonly percent?: number;
  readonly result?: JsonObject;
  readonly warnings?: readonly string[];
  readonly calls?: Task['calls'];
}

export interface TaskEnding {
  readonly status: Extract<TaskStatus, 'succeeded' | 'rejected' | 'failed' | 'canceled'>;
  readonly error: TaskError | null;
  readonly at: Date;
}

/** A callback that has to be told, with every attempt made so far. */
export interface Delivery {
  /** `webhook-id`. */
  readonly id: string;
  /** Null for a callback that belongs to no task, such as a classification's. */
  readonly taskId: string | null;
  readonly url: string;
  /** The exact bytes of every attempt. */
  readonly body: string;
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly nextAttemptAt: Date | null;
  readonly attempts: readonly DeliveryAttempt[];
}

export interface DeliveryAttempt {
  readonly at: Date;
  readonly status: number | null;
  readonly latencyMs: number;
  readonly reason: string;
}

/**
 * The truth about tasks. Every write is complete when its promise resolves; writes of a worker carry
 * the claim they were made under and return false (nothing written) when that claim is no longer the
 * task's own.
 */
export interface TaskStore {
  create(task: NewTask): Promise<CreateOutcome>;
  find(id: string): Promise<Task | undefined>;
  list(filter: TaskFilter, limit: number, after: string | null): Promise<TaskPage>;
  /** Makes the task the caller's own: status `running`, claim + 1. Undefined when it has ended. */
  claim(id: string, at: Date): Promise<Task | undefined>;
  report(id: string, claim: number, progress: TaskProgress): Promise<boolean>;
  addStep(id: string, claim: number, record: StepRecord): Promise<boolean>;
  steps(id: string): Promise<readonly StepRecord[]>;
  /**
   * Ends the task and writes down, in the same transaction, that its outcome has to be told.
   * `toDelivery` gets the ended task and must be pure.
   */
  end(
    id: string,
    claim: number,
    ending: TaskEnding,
    toDelivery: (ended: Task) => Delivery | null,
  ): Promise<Task | undefined>;
  delete(id: string): Promise<void>;
  /** Ids that wait or were left running, oldest first. */
  unfinished(): Promise<readonly string[]>;
  countQueued(): Promise<number>;
  /** 1 for the task that is taken next; null when it does not wait. */
  queuePosition(id: string): Promise<number | null>;
  addEvent(id: string, event: Omit<TaskEvent, 'seq'>): Promise<TaskEvent>;
  /** Events with a higher seq, oldest first. */
  events(id: string, afterSeq: number): Promise<readonly TaskEvent[]>;
  deliveries(taskId: string): Promise<readonly Delivery[]>;
  pendingDeliveries(): Promise<readonly Delivery[]>;
  addDelivery(delivery: Delivery): Promise<void>;
  updateDelivery(delivery: Delivery): Promise<void>;
  /** Median duration of a step in milliseconds, null before it ever ran. */
  typicalStepMs(kind: string, step: string): Promise<number | null>;
}
