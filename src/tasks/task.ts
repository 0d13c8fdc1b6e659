import { type ErrorCode } from '../common/errors/error-codes.js';
import { type TraceContext } from '../common/telemetry/trace-context.js';
import { type ProviderCall } from '../providers/provider-call.js';

export const TASK_STATUSES = [
  'queued',
  'running',
  'succeeded',
  'rejected',
  'failed',
  'canceled',
] as const;

export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Which status may follow which. An ended task never changes again. */
const LEGAL_MOVES: Record<TaskStatus, readonly TaskStatus[]> = {
  queued: ['running', 'canceled', 'failed'],
  running: ['succeeded', 'rejected', 'failed', 'canceled'],
  succeeded: [],
  rejected: [],
  failed: [],
  canceled: [],
};

export const hasEnded = (status: TaskStatus): boolean => LEGAL_MOVES[status].length === 0;

export const canMove = (from: TaskStatus, to: TaskStatus): boolean =>
  LEGAL_MOVES[from].includes(to);

/** JSON that is stored with a task: what goes in must come out the same after a restart. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

export interface TaskError {
  readonly code: ErrorCode;
  /** Safe to show to a caller. */
  readonly message: string;
  readonly details: JsonObject;
}

/** The request that created a task, for logs and traces. */
export interface TaskOrigin {
  readonly requestId: string | null;
  /** Null while tracing is off. */
  readonly trace: TraceContext | null;
}

/** One task, the way it is stored. `tasks/` knows no feature: input and result belong to the kind's handler. */
export interface Task {
  readonly id: string;
  /** `generate.v1` ...: names the handler. */
  readonly kind: string;
  /** The handler's version when the task was created; see `TaskHandler.version`. */
  readonly version: number;
  readonly status: TaskStatus;
  /** Name of the API key that created it; other keys do not see it. */
  readonly owner: string;
  /** Null when it was not created by a request, or by an earlier version. */
  readonly origin: TaskOrigin | null;
  readonly input: JsonObject;
  readonly callbackUrl: string | null;
  /** What the steps have found so far; see the handler. Complete when the task has succeeded. */
  readonly result: JsonObject;
  readonly warnings: readonly string[];
  readonly calls: readonly ProviderCall[];
  readonly error: TaskError | null;
  /** Last step that started, null before the first. */
  readonly step: string | null;
  readonly percent: number;
  /** Fencing token: grows with every claim; a worker whose claim is older cannot write. */
  readonly claim: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** A finished or failed attempt of one step. A step with a `done` record is never run again. */
export interface StepRecord {
  readonly step: string;
  readonly attempt: number;
  readonly outcome: 'done' | 'failed';
  readonly output: JsonValue;
  readonly errorCode: ErrorCode | null;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

export type TaskEventType = 'queued' | 'started' | 'step' | 'progress' | 'retry' | 'ended';

/** One line of a task's history, as told by Server-Sent Events. */
export interface TaskEvent {
  /** Increasing within the task, from 1. */
  readonly seq: number;
  readonly type: TaskEventType;
  readonly at: Date;
  readonly data: JsonObject;
}
