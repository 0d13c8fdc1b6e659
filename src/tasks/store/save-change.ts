import { type Transaction } from 'kysely';

import { type ProviderCall } from '../../providers/provider-call.js';
import { type StepRecord } from '../task.js';
import { type NewTaskEvent, type TaskChange } from '../task-store.port.js';
import { toStepRow } from './rows.js';
import { type Schema, type TasksTable } from './schema.js';
import { type TaskDatabase } from './task-database.js';
import { DURATION_SLOTS } from './upkeep.js';

type Trx = Transaction<Schema>;

/** The record is there already: the connection was cut after an earlier commit of the same change. */
class AlreadySaved extends Error {}

export const saveChange = async (
  database: TaskDatabase,
  id: string,
  claim: number,
  change: TaskChange,
): Promise<boolean> => {
  // What is only looked at need not wait for the disk; results and intents to pay do.
  const durability = change.record || change.intent ? 'power_cut' : 'process';
  try {
    return await database.write((trx) => save(trx, id, claim, change), durability);
  } catch (error) {
    if (error instanceof AlreadySaved) return true;
    throw error;
  }
};

const save = async (trx: Trx, id: string, claim: number, change: TaskChange): Promise<boolean> => {
  const events = change.events ?? [];
  const row = await trx
    .updateTable('tasks')
    .set(({ eb }) => ({
      ...toColumns(change),
      ...(change.record && { stalls: 0 }),
      last_seq: eb('last_seq', '+', events.length),
    }))
    .where('id', '=', id)
    .where('claim', '=', claim)
    .where('finished_at_ms', 'is', null)
    .returning(['last_seq', 'kind'])
    .executeTakeFirst();
  if (!row) return false;
  await addEvents(trx, id, row.last_seq - events.length, events);
  if (change.intent) await addIntent(trx, id, claim, change.intent);
  if (change.record) await addRecord(trx, id, row.kind, change.record);
  if (change.record && change.isPaid) await settleIntent(trx, id, claim, change.record);
  return true;
};

export const toColumns = (
  change: Pick<TaskChange, 'step' | 'percent' | 'result' | 'warnings' | 'calls'>,
): Partial<TasksTable> => ({
  ...(change.step !== undefined && { step: change.step }),
  ...(change.percent !== undefined && { percent: change.percent }),
  ...(change.result && { result: JSON.stringify(change.result) }),
  ...(change.warnings && { warnings: JSON.stringify(change.warnings) }),
  ...(change.calls && { calls: JSON.stringify(change.calls) }),
});

const addEvents = async (
  trx: Trx,
  id: string,
  afterSeq: number,
  events: readonly NewTaskEvent[],
): Promise<void> => {
  if (events.length === 0) return;
  const rows = events.map((event, index) => ({
    task_id: id,
    seq: afterSeq + index + 1,
    type: event.type,
    at_ms: event.at.getTime(),
    data: JSON.stringify(event.data),
  }));
  await trx.insertInto('events').values(rows).execute();
};

const addIntent = async (
  trx: Trx,
  id: string,
  claim: number,
  intent: NonNullable<TaskChange['intent']>,
): Promise<void> => {
  const { step, attempt, provider, operation, model, startedAt } = intent;
  await trx
    .insertInto('provider_calls')
    .values({
      task_id: id,
      step,
      claim,
      attempt,
      state: 'intended',
      provider,
      operation,
      model,
      usd: null,
      started_at_ms: startedAt.getTime(),
      duration_ms: 0,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};

const addRecord = async (trx: Trx, id: string, kind: string, record: StepRecord): Promise<void> => {
  const inserted = await trx
    .insertInto('steps')
    .values(toStepRow(id, record))
    .onConflict((conflict) => conflict.doNothing())
    .returning('step')
    .execute();
  if (inserted.length === 0) throw new AlreadySaved();
  const durationMs = durationMsOf(record);
  if (record.outcome !== 'done') return;
  const slot = record.finishedAt.getTime() % DURATION_SLOTS;
  await trx
    .insertInto('step_durations')
    .values({ kind, step: record.step, slot, duration_ms: durationMs })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'step', 'slot']).doUpdateSet({ duration_ms: durationMs }),
    )
    .execute();
};

const durationMsOf = (record: StepRecord): number =>
  record.finishedAt.getTime() - record.startedAt.getTime();

const settleIntent = async (
  trx: Trx,
  id: string,
  claim: number,
  record: StepRecord,
): Promise<void> => {
  await trx
    .updateTable('provider_calls')
    .set({ state: record.outcome, usd: paidUsd(record), duration_ms: durationMsOf(record) })
    .where('task_id', '=', id)
    .where('step', '=', record.step)
    .where('claim', '=', claim)
    .where('attempt', '=', record.attempt)
    .execute();
};

/** A paid step's output names its calls; null when a price is not known. */
const paidUsd = (record: StepRecord): number | null => {
  const { output } = record;
  if (typeof output !== 'object' || output === null || !('calls' in output)) return null;
  const calls = output.calls as unknown as readonly ProviderCall[];
  return calls.some((call) => call.usd === null)
    ? null
    : calls.reduce((sum, call) => sum + (call.usd ?? 0), 0);
};
