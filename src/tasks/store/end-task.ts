import { type Transaction } from 'kysely';

import { canMove, type Task, type TaskStatus } from '../task.js';
import { type TaskEnding, type ToDelivery } from '../task-store.port.js';
import { toDeliveryRow, toTask } from './rows.js';
import { toColumns } from './save-change.js';
import { type Schema, type TasksTable } from './schema.js';

type Trx = Transaction<Schema>;

/** The end, its event and the duty to tell it: all of them or none. */
export const endTask = async (
  trx: Trx,
  id: string,
  claim: number,
  ending: TaskEnding,
  toDelivery: ToDelivery,
): Promise<Task | undefined> => {
  const { status, error, at, change } = ending;
  const before = await trx
    .updateTable('tasks')
    .set(({ eb }) => ({ last_seq: eb('last_seq', '+', 1), worker: null, lease_until_ms: null }))
    .where('id', '=', id)
    .where('claim', '=', claim)
    .where('finished_at_ms', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (!before) return findOwnEnding(trx, id, claim, status);
  if (!canMove(before.status as TaskStatus, status)) {
    throw new TypeError(`A task cannot go from ${before.status} to ${status}`);
  }
  const row: TasksTable = {
    ...before,
    ...toColumns(change),
    status,
    error: error === null ? null : JSON.stringify(error),
    finished_at_ms: at.getTime(),
    percent: status === 'succeeded' ? 100 : before.percent,
  };
  await trx.updateTable('tasks').set(row).where('id', '=', id).execute();
  await trx
    .insertInto('events')
    .values({
      task_id: id,
      seq: row.last_seq,
      type: 'ended',
      at_ms: at.getTime(),
      data: JSON.stringify({ status }),
    })
    .execute();
  const ended = toTask(row);
  const delivery = toDelivery(ended);
  if (delivery) {
    await trx.insertInto('deliveries').values(toDeliveryRow(delivery, at.getTime())).execute();
  }
  return ended;
};

/** The connection was cut after an earlier commit of the same ending: it counts. */
const findOwnEnding = async (
  trx: Trx,
  id: string,
  claim: number,
  status: TaskStatus,
): Promise<Task | undefined> => {
  const row = await trx
    .selectFrom('tasks')
    .selectAll()
    .where('id', '=', id)
    .where('claim', '=', claim)
    .where('status', '=', status)
    .executeTakeFirst();
  return row && toTask(row);
};
