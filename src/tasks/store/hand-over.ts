import { type Kysely, type RawBuilder, type Transaction } from 'kysely';

import { type TaskQueue } from '../task-queue.port.js';
import { type HeldClaim, type NewTaskEvent } from '../task-store.port.js';
import { type Schema } from './schema.js';
import { sqlRunner } from './sql-runner.js';

type Trx = Transaction<Schema>;
type Queue = Pick<TaskQueue, 'enlist'>;

/** Nobody holds the task any more; it goes on at `dueAt`, wherever. */
export const release = async (
  trx: Trx,
  queue: Queue,
  { id, claim }: HeldClaim,
  dueAt: Date,
  event: NewTaskEvent | null,
): Promise<boolean> => {
  const row = await trx
    .updateTable('tasks')
    .set(({ eb }) => ({
      worker: null,
      lease_until_ms: null,
      stalls: 0,
      due_at_ms: dueAt.getTime(),
      last_seq: eb('last_seq', '+', event ? 1 : 0),
    }))
    .where('id', '=', id)
    .where('claim', '=', claim)
    .where('finished_at_ms', 'is', null)
    .returning('last_seq')
    .executeTakeFirst();
  if (!row) return false;
  if (event) await addEvent(trx, id, row.last_seq, event);
  await queue.enlist(sqlRunner(trx), id, dueAt);
  return true;
};

/** Whether any worker let its lease run out. */
export const hasExpired = async (
  db: Kysely<Schema>,
  nowMs: RawBuilder<number>,
): Promise<boolean> => {
  const row = await db
    .selectFrom('tasks')
    .select('id')
    .where('finished_at_ms', 'is', null)
    .where('lease_until_ms', '<', nowMs)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
};

export const takeBack = async (
  trx: Trx,
  queue: Queue,
  nowMs: RawBuilder<number>,
  at: Date,
): Promise<readonly string[]> => {
  const rows = await trx
    .updateTable('tasks')
    .set({ worker: null, lease_until_ms: null, due_at_ms: at.getTime() })
    .where('finished_at_ms', 'is', null)
    .where('lease_until_ms', '<', nowMs)
    .returning('id')
    .execute();
  for (const { id } of rows) await queue.enlist(sqlRunner(trx), id, at);
  return rows.map((row) => row.id);
};

export const hasten = async (trx: Trx, queue: Queue, id: string, at: Date): Promise<boolean> => {
  const row = await trx
    .updateTable('tasks')
    .set({ due_at_ms: at.getTime() })
    .where('id', '=', id)
    .where('finished_at_ms', 'is', null)
    .where('worker', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  await queue.enlist(sqlRunner(trx), id, at);
  return true;
};

const addEvent = async (trx: Trx, id: string, seq: number, event: NewTaskEvent): Promise<void> => {
  await trx
    .insertInto('events')
    .values({
      task_id: id,
      seq,
      type: event.type,
      at_ms: event.at.getTime(),
      data: JSON.stringify(event.data),
    })
    .execute();
};
