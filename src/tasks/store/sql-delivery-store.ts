import { type Kysely } from 'kysely';

import {
  type Delivery,
  type DeliveryAttempt,
  type DeliveryOutcome,
  type DeliveryStore,
  type DueQuery,
} from '../delivery-store.port.js';
import { toDelivery, toDeliveryRow } from './rows.js';
import { type DeliveriesTable, type Schema } from './schema.js';
import { type TaskDatabase } from './task-database.js';

const attemptsOf = (
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<Schema['delivery_attempts'][]> =>
  db
    .selectFrom('delivery_attempts')
    .selectAll()
    .where('delivery_id', 'in', ids)
    .orderBy('attempt')
    .execute();

const withAttempts = async (
  db: Kysely<Schema>,
  rows: readonly DeliveriesTable[],
): Promise<Delivery[]> => {
  if (rows.length === 0) return [];
  const attempts = await attemptsOf(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) =>
    toDelivery(
      row,
      attempts.filter((attempt) => attempt.delivery_id === row.id),
    ),
  );
};

/** Callbacks in the same database as the tasks, so that both are written together. */
export class SqlDeliveryStore implements DeliveryStore {
  constructor(private readonly database: TaskDatabase) {}

  async deliveries(taskId: string): Promise<readonly Delivery[]> {
    return this.database.read(async (db) =>
      withAttempts(
        db,
        await db
          .selectFrom('deliveries')
          .selectAll()
          .where('task_id', '=', taskId)
          .orderBy('created_at_ms')
          .orderBy('id')
          .execute(),
      ),
    );
  }

  async addDelivery(delivery: Delivery): Promise<void> {
    await this.database.write((trx) =>
      trx.insertInto('deliveries').values(toDeliveryRow(delivery, Date.now())).execute(),
    );
  }

  async claimDue(query: DueQuery): Promise<readonly Delivery[]> {
    const ids = await this.findDue(query);
    if (ids.length === 0) return [];
    return this.database.write(async (trx) => {
      const rows = await trx
        .updateTable('deliveries')
        .set({ worker: query.worker, lease_until_ms: query.at.getTime() + query.leaseMs })
        .where('id', 'in', ids)
        .where('status', '=', 'pending')
        .where(({ or, eb }) =>
          or([eb('lease_until_ms', 'is', null), eb('lease_until_ms', '<', query.at.getTime())]),
        )
        .returningAll()
        .execute();
      return withAttempts(trx, rows);
    }, 'process');
  }

  async nextDueAt(): Promise<Date | undefined> {
    const row = await this.database.read((db) =>
      db
        .selectFrom('deliveries')
        .select(({ fn }) => fn.min('next_attempt_at_ms').as('at'))
        .where('status', '=', 'pending')
        .executeTakeFirst(),
    );
    return row?.at === null || row?.at === undefined ? undefined : new Date(row.at);
  }

  async addAttempt(
    id: string,
    worker: string,
    attempt: DeliveryAttempt,
    outcome: DeliveryOutcome,
  ): Promise<void> {
    await this.database.write(async (trx) => {
      const { count } = await trx
        .selectFrom('delivery_attempts')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('delivery_id', '=', id)
        .executeTakeFirstOrThrow();
      await trx
        .insertInto('delivery_attempts')
        .values({
          delivery_id: id,
          attempt: Number(count) + 1,
          at_ms: attempt.at.getTime(),
          status: attempt.status,
          latency_ms: attempt.latencyMs,
          reason: attempt.reason,
        })
        .execute();
      // An attempt that came back after its lease says nothing, unless it got through after all.
      await trx
        .updateTable('deliveries')
        .set({
          status: outcome.status,
          next_attempt_at_ms: outcome.nextAttemptAt?.getTime() ?? attempt.at.getTime(),
          worker: null,
          lease_until_ms: null,
        })
        .where('id', '=', id)
        .where('status', '=', 'pending')
        .$if(outcome.status !== 'delivered', (update) => update.where('worker', '=', worker))
        .execute();
    });
  }

  async freeDelivery(id: string, worker: string): Promise<void> {
    await this.database.write((trx) =>
      trx
        .updateTable('deliveries')
        .set({ worker: null, lease_until_ms: null })
        .where('id', '=', id)
        .where('worker', '=', worker)
        .execute(),
    );
  }

  async freeAbandoned(worker: string): Promise<void> {
    await this.database.write((trx) =>
      trx
        .updateTable('deliveries')
        .set({ worker: null, lease_until_ms: null })
        .where('status', '=', 'pending')
        .where('worker', '!=', worker)
        .execute(),
    );
  }

  async repeatDelivery(id: string, at: Date): Promise<Delivery | undefined> {
    return this.database.write(async (trx) => {
      const made = await attemptsOf(trx, [id]);
      const rows = await trx
        .updateTable('deliveries')
        .set({
          status: 'pending',
          next_attempt_at_ms: at.getTime(),
          earlier_attempts: made.length,
        })
        .where('id', '=', id)
        .returningAll()
        .execute();
      return (await withAttempts(trx, rows))[0];
    });
  }

  /** One of each host, the longest due first: a host with a long backlog cannot crowd out the others. */
  private async findDue(query: DueQuery): Promise<readonly string[]> {
    const nowMs = query.at.getTime();
    const rows = await this.database.read((db) =>
      db
        .selectFrom('deliveries')
        .select(['host', ({ fn }) => fn.min('next_attempt_at_ms').as('due')])
        .where('status', '=', 'pending')
        .where('next_attempt_at_ms', '<=', nowMs)
        .where(({ or, eb }) =>
          or([eb('lease_until_ms', 'is', null), eb('lease_until_ms', '<', nowMs)]),
        )
        .$if(query.exceptHosts.length > 0, (select) =>
          select.where('host', 'not in', query.exceptHosts),
        )
        .groupBy('host')
        .orderBy('due')
        .limit(query.limit)
        .execute(),
    );
    const ids = await Promise.all(rows.map(({ host }) => this.firstDueOf(host, nowMs)));
    return ids.filter((id) => id !== undefined);
  }

  private async firstDueOf(host: string, nowMs: number): Promise<string | undefined> {
    const row = await this.database.read((db) =>
      db
        .selectFrom('deliveries')
        .select('id')
        .where('status', '=', 'pending')
        .where('host', '=', host)
        .where('next_attempt_at_ms', '<=', nowMs)
        .where(({ or, eb }) =>
          or([eb('lease_until_ms', 'is', null), eb('lease_until_ms', '<', nowMs)]),
        )
        .orderBy('next_attempt_at_ms')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst(),
    );
    return row?.id;
  }
}
