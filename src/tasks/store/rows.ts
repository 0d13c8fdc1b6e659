import { type Selectable } from 'kysely';

import { type ErrorCode } from '../../common/errors/error-codes.js';
import { type ProviderCall } from '../../providers/provider-call.js';
import { type Delivery } from '../delivery-store.port.js';
import {
  type JsonObject,
  type JsonValue,
  type StepRecord,
  type Task,
  type TaskError,
  type TaskEvent,
  type TaskEventType,
  type TaskOrigin,
  type TaskStatus,
} from '../task.js';
import { type NewTask } from '../task-store.port.js';
import {
  type DeliveriesTable,
  type DeliveryAttemptsTable,
  type EventsTable,
  type StepsTable,
  type TasksTable,
} from './schema.js';

/** Only this service writes these columns, so their JSON is taken at its word; steps' outputs are parsed by their handler. */
const json = <T>(text: string): T => JSON.parse(text) as T;

const date = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const toOrigin = (text: string | null): TaskOrigin | null =>
  text === null ? null : json<TaskOrigin>(text);

export const toTask = (row: Selectable<TasksTable>): Task => ({
  id: row.id,
  kind: row.kind,
  version: row.version,
  status: row.status as TaskStatus,
  owner: row.owner,
  origin: toOrigin(row.origin),
  input: json<JsonObject>(row.input),
  callbackUrl: row.callback_url,
  result: json<JsonObject>(row.result),
  warnings: json<string[]>(row.warnings),
  calls: json<ProviderCall[]>(row.calls),
  error: row.error === null ? null : json<TaskError>(row.error),
  step: row.step,
  percent: row.percent,
  claim: row.claim,
  createdAt: new Date(row.created_at_ms),
  startedAt: date(row.started_at_ms),
  finishedAt: date(row.finished_at_ms),
});

/** The list's filter is the one place where the store looks into a kind's input. */
const photoOf = (input: JsonObject): string | null => {
  const url = input['initialImageUrl'];
  return typeof url === 'string' ? url : null;
};

export const toNewRow = (task: NewTask): TasksTable => ({
  id: task.id,
  kind: task.kind,
  version: task.version,
  status: 'queued',
  owner: task.owner,
  origin: task.origin ? JSON.stringify(task.origin) : null,
  input: JSON.stringify(task.input),
  initial_image_url: photoOf(task.input),
  fingerprint: task.fingerprint,
  callback_url: task.callbackUrl,
  result: '{}',
  warnings: '[]',
  calls: '[]',
  error: null,
  step: null,
  percent: 0,
  claim: 0,
  stalls: 0,
  worker: null,
  lease_until_ms: null,
  due_at_ms: task.createdAt.getTime(),
  last_seq: 1,
  files_left: 1,
  created_at_ms: task.createdAt.getTime(),
  started_at_ms: null,
  finished_at_ms: null,
});

export const toStepRecord = (row: StepsTable): StepRecord => ({
  step: row.step,
  attempt: row.attempt,
  outcome: row.outcome === 'done' ? 'done' : 'failed',
  output: json<JsonValue>(row.output),
  errorCode: row.error_code as ErrorCode | null,
  startedAt: new Date(row.started_at_ms),
  finishedAt: new Date(row.finished_at_ms),
});

export const toStepRow = (taskId: string, record: StepRecord): StepsTable => ({
  task_id: taskId,
  step: record.step,
  attempt: record.attempt,
  outcome: record.outcome,
  output: JSON.stringify(record.output),
  error_code: record.errorCode,
  started_at_ms: record.startedAt.getTime(),
  finished_at_ms: record.finishedAt.getTime(),
});

export const toEvent = (row: EventsTable): TaskEvent => ({
  seq: row.seq,
  type: row.type as TaskEventType,
  at: new Date(row.at_ms),
  data: json<JsonObject>(row.data),
});

export const toDeliveryRow = (delivery: Delivery, nowMs: number): DeliveriesTable => ({
  id: delivery.id,
  task_id: delivery.taskId,
  url: delivery.url,
  origin: delivery.origin ? JSON.stringify(delivery.origin) : null,
  host: new URL(delivery.url).host,
  body: delivery.body,
  status: delivery.status,
  next_attempt_at_ms: delivery.nextAttemptAt?.getTime() ?? nowMs,
  earlier_attempts: delivery.earlierAttempts,
  worker: null,
  lease_until_ms: null,
  created_at_ms: nowMs,
});

export const toDelivery = (
  row: DeliveriesTable,
  attempts: readonly DeliveryAttemptsTable[],
): Delivery => ({
  id: row.id,
  taskId: row.task_id,
  url: row.url,
  origin: toOrigin(row.origin),
  body: row.body,
  status: row.status as Delivery['status'],
  nextAttemptAt: row.status === 'pending' ? new Date(row.next_attempt_at_ms) : null,
  earlierAttempts: row.earlier_attempts,
  attempts: attempts.map((attempt) => ({
    at: new Date(attempt.at_ms),
    status: attempt.status,
    latencyMs: attempt.latency_ms,
    reason: attempt.reason,
  })),
});
