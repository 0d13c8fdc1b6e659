import { type ProviderCall } from '../providers/provider-call.js';
import { type Delivery } from './delivery-store.port.js';
import {
  type JsonObject,
  type StepRecord,
  type Task,
  type TaskError,
  type TaskEvent,
  type TaskOrigin,
  type TaskStatus,
} from './task.js';

export const TASK_STORE = Symbol('TASK_STORE');

export interface NewTask {
  readonly id: string;
  readonly kind: string;
  readonly version: number;
  readonly owner: string;
  readonly origin?: TaskOrigin;
  readonly input: JsonObject;
  readonly callbackUrl: string | null;
  readonly createdAt: Date;
  /** The same for the same request. */
  readonly fingerprint: string;
  /** The client's key, null when none was sent. */
  readonly idempotencyKey: string | null;
  /** More tasks than this may not wait. */
  readonly queueLimit: number;
  /** A task of the same request that has not ended and is not older joins in; null switches it off. */
  readonly joinWithinMs: number | null;
}

export type CreateOutcome =
  | { readonly kind: 'created'; readonly task: Task }
  /** The same key with the same request, or the same request in flight: the task of the first time. */
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

export interface Claimant {
  /** Names one process from its start to its end. */
  readonly worker: string;
  /** Null where no other process can take a task away. */
  readonly leaseMs: number | null;
  /** False while this process cannot know whether the others only lost the database. */
  readonly mayTakeOver: boolean;
  /** Whether a task that may have killed processes is taken; those are kept apart. */
  readonly takesSuspects: boolean;
}

export type ClaimOutcome =
  /** Status `running`, claim + 1. */
  | { readonly kind: 'claimed'; readonly task: Task; readonly lostCalls: readonly ProviderCall[] }
  /** Claimed to be set aside: it has used up its claims without finishing a step. */
  | { readonly kind: 'poisoned'; readonly task: Task; readonly lostCalls: readonly ProviderCall[] }
  /** Ended, held by another process, or not due yet. */
  | { readonly kind: 'not_now' }
  /** It was there when a process died; ask again with `takesSuspects`. */
  | { readonly kind: 'suspect'; readonly hasLastChance: boolean };

export type NewTaskEvent = Omit<TaskEvent, 'seq'>;

/** Who is going to be paid by the step that starts. */
export interface PaidCall {
  readonly provider: string;
  readonly operation: string;
  readonly model: string;
}

/** What a running task writes between its states, all of it or nothing. */
export interface TaskChange {
  readonly step?: string;
  readonly percent?: number;
  readonly result?: JsonObject;
  readonly warnings?: readonly string[];
  readonly calls?: readonly ProviderCall[];
  readonly events?: readonly NewTaskEvent[];
  /** The step that came to its end. */
  readonly record?: StepRecord;
  /** Whether the record is the outcome of an intent. */
  readonly isPaid?: boolean;
  /** Written before a paid call, so that one whose outcome is lost stays visible. */
  readonly intent?: PaidCall & {
    readonly step: string;
    readonly attempt: number;
    readonly startedAt: Date;
  };
}

export interface TaskEnding {
  readonly status: Extract<TaskStatus, 'succeeded' | 'rejected' | 'failed' | 'canceled'>;
  readonly error: TaskError | null;
  readonly at: Date;
  /** What the task found since its last change. */
  readonly change: Pick<TaskChange, 'result' | 'warnings' | 'calls'>;
}

/** `toDelivery` gets the ended task and must be pure: it is called inside the transaction. */
export type ToDelivery = (ended: Task) => Delivery | null;

export interface HeldClaim {
  readonly id: string;
  readonly claim: number;
}

/** How many there are, and since when the oldest of them exists; null where there is none. */
export interface Pile {
  readonly count: number;
  readonly oldestAt: Date | null;
}

export interface Backlog {
  readonly queued: Pile;
  readonly running: Pile;
  /** Callbacks that have not been told and not been given up. */
  readonly callbacks: Pile;
}

export interface ReadyTask {
  readonly id: string;
  readonly dueAt: Date;
}

/**
 * The truth about tasks. Every write is durable when its promise resolves; writes of a worker carry
 * the claim they were made under and return false (nothing written) when that claim is no longer the
 * task's own. Rejects with `StoreUnavailable` while the database cannot be used.
 */
export interface TaskStore {
  /** One transaction for the task, its idempotency key, its first event and its place in the queue. */
  create(task: NewTask): Promise<CreateOutcome>;
  find(id: string): Promise<Task | undefined>;
  list(filter: TaskFilter, limit: number, after: string | null): Promise<TaskPage>;
  claim(id: string, claimant: Claimant, at: Date): Promise<ClaimOutcome>;
  save(id: string, claim: number, change: TaskChange): Promise<boolean>;
  /** Gives the claim back: the task goes on at `dueAt`, wherever. */
  release(id: string, claim: number, dueAt: Date, event: NewTaskEvent | null): Promise<boolean>;
  /** Ends the task and writes down, in the same transaction, that its outcome has to be told. */
  end(
    id: string,
    claim: number,
    ending: TaskEnding,
    toDelivery: ToDelivery,
  ): Promise<Task | undefined>;
  /** Ends a task whoever holds it; undefined when it had ended. */
  cancel(id: string, at: Date, toDelivery: ToDelivery): Promise<Task | undefined>;
  delete(id: string): Promise<void>;
  steps(id: string): Promise<readonly StepRecord[]>;
  /** Events with a higher seq, oldest first. */
  events(id: string, afterSeq: number): Promise<readonly TaskEvent[]>;
  /** Highest seq of each task's events. */
  lastSeqs(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;

  /** Of these claims, those that are no longer the task's own. */
  findLost(held: readonly HeldClaim[]): Promise<readonly string[]>;
  /** Prolongs a worker's claims. */
  renew(worker: string, ids: readonly string[], leaseMs: number): Promise<void>;
  /** Puts tasks back into the queue whose worker let its lease run out; gives their ids. */
  takeBack(at: Date): Promise<readonly string[]>;
  /** Tasks that nobody holds, oldest first. */
  ready(limit: number): Promise<readonly ReadyTask[]>;
  /** Puts a task into the queue (again); twice is no harm. */
  enlist(id: string, dueAt: Date): Promise<void>;
  /** A task that waits for its next attempt gets it at `at`; false when it is running or has ended. */
  hasten(id: string, at: Date): Promise<boolean>;

  countQueued(): Promise<number>;
  /** What waits and what runs, callbacks included. */
  backlog(): Promise<Backlog>;
  /** 1 for the task that is taken next; null when it does not wait. */
  queuePosition(id: string): Promise<number | null>;
  /** Median duration of each step in milliseconds; steps that never ran are missing. */
  typicalStepMs(kind: string): Promise<ReadonlyMap<string, number>>;
  /** US dollars paid since then, as far as prices are known. */
  spentUsd(since: Date): Promise<number>;
  /** Ended before then and told; oldest first. */
  findExpired(before: Date, limit: number): Promise<readonly Task[]>;
  /** Ended before then, but its working files may still be there. */
  findUntidy(before: Date, limit: number): Promise<readonly Task[]>;
  markTidy(id: string): Promise<void>;
  /** Removes what belongs to no task and is of no use any more. */
  deleteLeftovers(before: Date, now: Date): Promise<void>;
}
