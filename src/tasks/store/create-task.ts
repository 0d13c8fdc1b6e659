import { type Transaction } from 'kysely';

import { type CreateOutcome, type NewTask } from '../task-store.port.js';
import { toNewRow, toTask } from './rows.js';
import { type Schema } from './schema.js';
import { type TaskDatabase } from './task-database.js';
import { countQueued } from './upkeep.js';

type Trx = Transaction<Schema>;

/** How long an `Idempotency-Key` is remembered, in milliseconds. */
const KEY_TTL_MS = 24 * 60 * 60 * 1_000;

export const createTask = async (
  database: TaskDatabase,
  trx: Trx,
  task: NewTask,
): Promise<CreateOutcome> => {
  // Two requests with one key, or for one photo, are answered one after the other.
  if (task.idempotencyKey !== null) {
    await database.lock(trx, `key\n${task.owner}\n${task.idempotencyKey}`);
  }
  if (task.joinWithinMs !== null) await database.lock(trx, `join\n${task.fingerprint}`);
  const known = (await findByKey(trx, task)) ?? (await findInFlight(trx, task));
  if (known) return known;
  const waiting = await countQueued(trx);
  if (waiting >= task.queueLimit) return { kind: 'queue_full', waiting };
  const row = toNewRow(task);
  await trx.insertInto('tasks').values(row).execute();
  await trx
    .insertInto('events')
    .values({ task_id: task.id, seq: 1, type: 'queued', at_ms: row.created_at_ms, data: '{}' })
    .execute();
  await rememberKey(trx, task);
  return { kind: 'created', task: toTask(row) };
};

const findByKey = async (trx: Trx, task: NewTask): Promise<CreateOutcome | undefined> => {
  if (task.idempotencyKey === null) return undefined;
  const known = await trx
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('owner', '=', task.owner)
    .where('key', '=', task.idempotencyKey)
    .where('expires_at_ms', '>', task.createdAt.getTime())
    .executeTakeFirst();
  if (!known) return undefined;
  if (known.fingerprint !== task.fingerprint) return { kind: 'key_reused' };
  const row = await trx
    .selectFrom('tasks')
    .selectAll()
    .where('id', '=', known.task_id)
    .executeTakeFirst();
  return row && { kind: 'existing', task: toTask(row) };
};

const findInFlight = async (trx: Trx, task: NewTask): Promise<CreateOutcome | undefined> => {
  if (task.joinWithinMs === null) return undefined;
  const row = await trx
    .selectFrom('tasks')
    .selectAll()
    .where('fingerprint', '=', task.fingerprint)
    .where('owner', '=', task.owner)
    .where('finished_at_ms', 'is', null)
    .where('created_at_ms', '>', task.createdAt.getTime() - task.joinWithinMs)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  // The key stands for the task that was joined from now on.
  await rememberKey(trx, { ...task, id: row.id });
  return { kind: 'existing', task: toTask(row) };
};

const rememberKey = async (trx: Trx, task: NewTask): Promise<void> => {
  if (task.idempotencyKey === null) return;
  const value = {
    fingerprint: task.fingerprint,
    task_id: task.id,
    expires_at_ms: task.createdAt.getTime() + KEY_TTL_MS,
  };
  await trx
    .insertInto('idempotency_keys')
    .values({ owner: task.owner, key: task.idempotencyKey, ...value })
    .onConflict((conflict) => conflict.columns(['owner', 'key']).doUpdateSet(value))
    .execute();
};
