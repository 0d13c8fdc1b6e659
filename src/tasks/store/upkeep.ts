import { type Kysely, type Transaction } from 'kysely';

import { type Task } from '../task.js';
import { type Backlog, type Pile } from '../task-store.port.js';
import { toTask } from './rows.js';
import { type Schema } from './schema.js';

/** How many durations of a step are remembered. */
export const DURATION_SLOTS = 50;

export const countQueued = async (db: Kysely<Schema>): Promise<number> => {
  const { count } = await db
    .selectFrom('tasks')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('status', '=', 'queued')
    .where('finished_at_ms', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
};

interface PileRow {
  readonly count: number;
  readonly oldest_ms: number | null;
}

const toPile = (row: PileRow | undefined): Pile => ({
  count: Number(row?.count ?? 0),
  oldestAt: row?.oldest_ms == null ? null : new Date(Number(row.oldest_ms)),
});

export const readBacklog = async (db: Kysely<Schema>): Promise<Backlog> => {
  const tasks = await db
    .selectFrom('tasks')
    .select(({ fn }) => [
      'status',
      fn.countAll<number>().as('count'),
      fn.min<number | null>('created_at_ms').as('oldest_ms'),
    ])
    .where('finished_at_ms', 'is', null)
    .groupBy('status')
    .execute();
  const callbacks = await db
    .selectFrom('deliveries')
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.min<number | null>('created_at_ms').as('oldest_ms'),
    ])
    .where('status', '=', 'pending')
    .executeTakeFirst();
  return {
    queued: toPile(tasks.find(({ status }) => status === 'queued')),
    running: toPile(tasks.find(({ status }) => status === 'running')),
    callbacks: toPile(callbacks),
  };
};

export const queuePosition = async (db: Kysely<Schema>, id: string): Promise<number | null> => {
  const { ahead, own } = await db
    .selectFrom('tasks')
    .select(({ fn }) => [fn.countAll<number>().as('ahead'), fn.max('id').as('own')])
    .where('status', '=', 'queued')
    .where('finished_at_ms', 'is', null)
    .where('id', '<=', id)
    .executeTakeFirstOrThrow();
  return own === id ? Number(ahead) : null;
};

export const typicalStepMs = async (
  db: Kysely<Schema>,
  kind: string,
): Promise<ReadonlyMap<string, number>> => {
  const rows = await db
    .selectFrom('step_durations')
    .select(['step', 'duration_ms'])
    .where('kind', '=', kind)
    .orderBy('duration_ms')
    .execute();
  const byStep = Map.groupBy(rows, (row) => row.step);
  return new Map(
    [...byStep].map(([step, sorted]) => [
      step,
      sorted[Math.floor(sorted.length / 2)]?.duration_ms ?? 0,
    ]),
  );
};

export const spentUsd = async (db: Kysely<Schema>, since: Date): Promise<number> => {
  const { usd } = await db
    .selectFrom('provider_calls')
    .select(({ fn }) => fn.sum<number | null>('usd').as('usd'))
    .where('started_at_ms', '>=', since.getTime())
    .executeTakeFirstOrThrow();
  return Number(usd ?? 0);
};

export const findExpired = async (
  db: Kysely<Schema>,
  before: Date,
  limit: number,
): Promise<readonly Task[]> => {
  const rows = await db
    .selectFrom('tasks')
    .selectAll()
    .where('finished_at_ms', '<', before.getTime())
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('deliveries')
            .select('deliveries.id')
            .whereRef('deliveries.task_id', '=', 'tasks.id')
            .where('deliveries.status', '=', 'pending'),
        ),
      ),
    )
    .orderBy('finished_at_ms')
    .limit(limit)
    .execute();
  return rows.map(toTask);
};

export const findUntidy = async (
  db: Kysely<Schema>,
  before: Date,
  limit: number,
): Promise<readonly Task[]> => {
  const rows = await db
    .selectFrom('tasks')
    .selectAll()
    .where('files_left', '=', 1)
    .where('finished_at_ms', '<', before.getTime())
    .orderBy('finished_at_ms')
    .limit(limit)
    .execute();
  return rows.map(toTask);
};

export const deleteTask = async (trx: Transaction<Schema>, id: string): Promise<void> => {
  await trx
    .deleteFrom('delivery_attempts')
    .where('delivery_id', 'in', (query) =>
      query.selectFrom('deliveries').select('id').where('task_id', '=', id),
    )
    .execute();
  await trx.deleteFrom('deliveries').where('task_id', '=', id).execute();
  await trx.deleteFrom('idempotency_keys').where('task_id', '=', id).execute();
  await trx.deleteFrom('events').where('task_id', '=', id).execute();
  await trx.deleteFrom('steps').where('task_id', '=', id).execute();
  await trx.deleteFrom('tasks').where('id', '=', id).execute();
};

/** The ledger outlives its tasks: it is what was paid. Callbacks of no task go once they were told. */
export const deleteLeftovers = async (
  trx: Transaction<Schema>,
  before: Date,
  now: Date,
): Promise<void> => {
  await trx.deleteFrom('idempotency_keys').where('expires_at_ms', '<', now.getTime()).execute();
  await trx.deleteFrom('provider_calls').where('started_at_ms', '<', before.getTime()).execute();
  const old = trx
    .selectFrom('deliveries')
    .select('id')
    .where('task_id', 'is', null)
    .where('status', '!=', 'pending')
    .where('created_at_ms', '<', before.getTime());
  await trx.deleteFrom('delivery_attempts').where('delivery_id', 'in', old).execute();
  await trx
    .deleteFrom('deliveries')
    .where('task_id', 'is', null)
    .where('status', '!=', 'pending')
    .where('created_at_ms', '<', before.getTime())
    .execute();
};
