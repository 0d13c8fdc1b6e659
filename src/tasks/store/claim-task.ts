import { type RawBuilder, sql, type Transaction } from 'kysely';

import { type ProviderCall } from '../../providers/provider-call.js';
import { type Claimant, type ClaimOutcome } from '../task-store.port.js';
import { toTask } from './rows.js';
import { type Schema, type TasksTable } from './schema.js';

type Trx = Transaction<Schema>;

/** A task that was claimed this often without finishing a step kills its worker: it is set aside. */
const MAX_STALLS = 3;
/** From the first death on it keeps apart from those that are about to be set aside. */
const SUSPECT_STALLS = 1;

export const claimTask = async (
  trx: Trx,
  nowMs: RawBuilder<number>,
  id: string,
  claimant: Claimant,
  at: Date,
): Promise<ClaimOutcome> => {
  const row = await lockRow(trx, nowMs, id);
  if (!row || !isFree(row, claimant, at)) return { kind: 'not_now' };
  // What this process gave up half-way (the database was away) is no sign of a kill.
  const isOurs = row.worker === claimant.worker;
  const isPoisoned = !isOurs && row.stalls >= MAX_STALLS;
  const isSuspect = !isPoisoned && row.stalls >= SUSPECT_STALLS;
  if (isSuspect && !claimant.takesSuspects) {
    return { kind: 'suspect', hasLastChance: row.stalls === MAX_STALLS - 1 };
  }
  const task = await take(trx, nowMs, row, claimant, at, isOurs);
  const lostCalls = row.claim === 0 ? [] : await findLostCalls(trx, id, task.claim);
  return { kind: isPoisoned ? 'poisoned' : 'claimed', task, lostCalls };
};

interface LockedRow extends TasksTable {
  readonly now_ms: number;
}

const isFree = (row: LockedRow, claimant: Claimant, at: Date): boolean => {
  if (row.finished_at_ms !== null || row.due_at_ms > at.getTime()) return false;
  if (row.lease_until_ms === null || row.worker === claimant.worker) return true;
  return claimant.mayTakeOver && row.lease_until_ms <= row.now_ms;
};

const lockRow = async (
  trx: Trx,
  nowMs: RawBuilder<number>,
  id: string,
): Promise<LockedRow | undefined> => {
  // Writing first takes the row's lock in PostgreSQL; SQLite has one writer anyway.
  return trx
    .updateTable('tasks')
    .set(({ ref }) => ({ claim: ref('claim') }))
    .where('id', '=', id)
    .returningAll()
    .returning(nowMs.as('now_ms'))
    .executeTakeFirst();
};

const take = async (
  trx: Trx,
  nowMs: RawBuilder<number>,
  row: TasksTable,
  { worker, leaseMs }: Claimant,
  at: Date,
  isOurs: boolean,
): Promise<ReturnType<typeof toTask>> => {
  const claimed = await trx
    .updateTable('tasks')
    .set({
      status: 'running',
      claim: row.claim + 1,
      stalls: isOurs ? row.stalls : row.stalls + 1,
      worker,
      lease_until_ms: leaseMs === null ? null : sql<number>`${nowMs} + cast(${leaseMs} as integer)`,
      started_at_ms: row.started_at_ms ?? at.getTime(),
      last_seq: row.last_seq + 1,
    })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('events')
    .values({
      task_id: row.id,
      seq: claimed.last_seq,
      type: 'started',
      at_ms: at.getTime(),
      data: JSON.stringify({ claim: claimed.claim }),
    })
    .execute();
  return toTask(claimed);
};

/** Paid calls whose process died before it could write down what came of them. */
const findLostCalls = async (trx: Trx, id: string, claim: number): Promise<ProviderCall[]> => {
  await trx
    .updateTable('provider_calls')
    .set({ state: 'unknown' })
    .where('task_id', '=', id)
    .where('claim', '<', claim)
    .where('state', '=', 'intended')
    .execute();
  const rows = await trx
    .selectFrom('provider_calls')
    .selectAll()
    .where('task_id', '=', id)
    .where('state', '=', 'unknown')
    .orderBy('started_at_ms')
    .execute();
  return rows.map(({ provider, operation, model }) => ({
    provider,
    operation,
    model,
    usd: null,
    durationMs: 0,
  }));
};
