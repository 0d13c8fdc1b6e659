import { sql } from 'kysely';

import { hasEnded, type StepRecord, type Task, type TaskEvent, type TaskStatus } from '../task.js';
import {
  type Backlog,
  type Claimant,
  type ClaimOutcome,
  type CreateOutcome,
  type HeldClaim,
  type NewTask,
  type NewTaskEvent,
  type ReadyTask,
  type TaskChange,
  type TaskEnding,
  type TaskFilter,
  type TaskPage,
  type TaskStore,
  type ToDelivery,
} from '../task-store.port.js';
import { type TaskQueue } from '../task-queue.port.js';
import { claimTask } from './claim-task.js';
import { createTask } from './create-task.js';
import { endTask } from './end-task.js';
import * as handover from './hand-over.js';
import { toEvent, toStepRecord, toTask } from './rows.js';
import { saveChange } from './save-change.js';
import { sqlRunner } from './sql-runner.js';
import { type TaskDatabase } from './task-database.js';
import * as upkeep from './upkeep.js';

/** The one task store, over either database; longer transactions have a file each. */
export class SqlTaskStore implements TaskStore {
  constructor(
    private readonly database: TaskDatabase,
    private readonly queue: Pick<TaskQueue, 'enlist' | 'recall'>,
  ) {}

  async create(task: NewTask): Promise<CreateOutcome> {
    return this.database.write(async (trx) => {
      const outcome = await createTask(this.database, trx, task);
      if (outcome.kind === 'created') {
        await this.queue.enlist(sqlRunner(trx), task.id, task.createdAt);
      }
      return outcome;
    });
  }

  async find(id: string): Promise<Task | undefined> {
    const row = await this.database.read((db) =>
      db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirst(),
    );
    return row && toTask(row);
  }

  async list(filter: TaskFilter, limit: number, after: string | null): Promise<TaskPage> {
    const { owner, status, kind, initialImageUrl } = filter;
    // PostgreSQL refuses this character, and no stored address has it.
    if (initialImageUrl?.includes('\0') === true) return { tasks: [], next: null };
    const rows = await this.database.read((db) => {
      let query = db.selectFrom('tasks').selectAll();
      if (owner !== undefined) query = query.where('owner', '=', owner);
      if (status !== undefined) query = query.where('status', '=', status);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (initialImageUrl !== undefined) {
        query = query.where('initial_image_url', '=', initialImageUrl);
      }
      if (after !== null) query = query.where('id', '<', after);
      return query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
    });
    const tasks = rows.slice(0, limit).map(toTask);
    return { tasks, next: rows.length > limit ? (tasks.at(-1)?.id ?? null) : null };
  }

  async claim(id: string, claimant: Claimant, at: Date): Promise<ClaimOutcome> {
    // Alone on this machine, a claim that a power cut takes back was nobody's but ours.
    const durability = this.database.isShared ? 'power_cut' : 'process';
    return this.database.write(
      (trx) => claimTask(trx, this.database.nowMs, id, claimant, at),
      durability,
    );
  }

  async save(id: string, claim: number, change: TaskChange): Promise<boolean> {
    return saveChange(this.database, id, claim, change);
  }

  async release(
    id: string,
    claim: number,
    dueAt: Date,
    event: NewTaskEvent | null,
  ): Promise<boolean> {
    return this.database.write((trx) =>
      handover.release(trx, this.queue, { id, claim }, dueAt, event),
    );
  }

  async end(
    id: string,
    claim: number,
    ending: TaskEnding,
    toDelivery: ToDelivery,
  ): Promise<Task | undefined> {
    return this.database.write((trx) => endTask(trx, id, claim, ending, toDelivery));
  }

  async cancel(id: string, at: Date, toDelivery: ToDelivery): Promise<Task | undefined> {
    const ending: TaskEnding = { status: 'canceled', error: null, at, change: {} };
    return this.database.write(async (trx) => {
      const row = await trx
        .updateTable('tasks')
        .set(({ eb }) => ({ claim: eb('claim', '+', 1) }))
        .where('id', '=', id)
        .where('finished_at_ms', 'is', null)
        .returning('claim')
        .executeTakeFirst();
      if (!row) return undefined;
      await this.queue.recall(sqlRunner(trx), id);
      return endTask(trx, id, row.claim, ending, toDelivery);
    });
  }

  async delete(id: string): Promise<void> {
    await this.database.write((trx) => upkeep.deleteTask(trx, id));
  }

  async steps(id: string): Promise<readonly StepRecord[]> {
    const rows = await this.database.read((db) =>
      db
        .selectFrom('steps')
        .selectAll()
        .where('task_id', '=', id)
        .orderBy('finished_at_ms')
        .execute(),
    );
    return rows.map(toStepRecord);
  }

  async events(id: string, afterSeq: number): Promise<readonly TaskEvent[]> {
    const rows = await this.database.read((db) =>
      db
        .selectFrom('events')
        .selectAll()
        .where('task_id', '=', id)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .execute(),
    );
    return rows.map(toEvent);
  }

  async lastSeqs(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.read((db) =>
      db.selectFrom('tasks').select(['id', 'last_seq']).where('id', 'in', ids).execute(),
    );
    return new Map(rows.map((row) => [row.id, row.last_seq]));
  }

  async findLost(held: readonly HeldClaim[]): Promise<readonly string[]> {
    if (held.length === 0) return [];
    const ids = held.map((one) => one.id);
    const rows = await this.database.read((db) =>
      db.selectFrom('tasks').select(['id', 'claim', 'status']).where('id', 'in', ids).execute(),
    );
    const current = new Map(rows.map((row) => [row.id, row]));
    return held
      .filter(({ id, claim }) => {
        const row = current.get(id);
        return !row || row.claim !== claim || hasEnded(row.status as TaskStatus);
      })
      .map((one) => one.id);
  }

  async renew(worker: string, ids: readonly string[], leaseMs: number): Promise<void> {
    if (ids.length === 0) return;
    const { nowMs } = this.database;
    await this.database.write(
      (trx) =>
        trx
          .updateTable('tasks')
          .set({ lease_until_ms: sql<number>`${nowMs} + cast(${leaseMs} as integer)` })
          .where('id', 'in', ids)
          .where('worker', '=', worker)
          .where('finished_at_ms', 'is', null)
          .execute(),
      'process',
    );
  }

  async takeBack(at: Date): Promise<readonly string[]> {
    const { nowMs } = this.database;
    // Nearly always nothing: looked up without a transaction.
    if (!(await this.database.read((db) => handover.hasExpired(db, nowMs)))) return [];
    return this.database.write((trx) => handover.takeBack(trx, this.queue, nowMs, at));
  }

  async ready(limit: number): Promise<readonly ReadyTask[]> {
    const rows = await this.database.read((db) =>
      db
        .selectFrom('tasks')
        .select(['id', 'due_at_ms'])
        .where('finished_at_ms', 'is', null)
        .where('lease_until_ms', 'is', null)
        .orderBy('id')
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => ({ id: row.id, dueAt: new Date(row.due_at_ms) }));
  }

  async enlist(id: string, dueAt: Date): Promise<void> {
    await this.database.write((trx) => this.queue.enlist(sqlRunner(trx), id, dueAt));
  }

  async hasten(id: string, at: Date): Promise<boolean> {
    return this.database.write((trx) => handover.hasten(trx, this.queue, id, at));
  }

  async countQueued(): Promise<number> {
    return this.database.read(upkeep.countQueued);
  }

  async backlog(): Promise<Backlog> {
    return this.database.read(upkeep.readBacklog);
  }

  async queuePosition(id: string): Promise<number | null> {
    return this.database.read((db) => upkeep.queuePosition(db, id));
  }

  async typicalStepMs(kind: string): Promise<ReadonlyMap<string, number>> {
    return this.database.read((db) => upkeep.typicalStepMs(db, kind));
  }

  async spentUsd(since: Date): Promise<number> {
    return this.database.read((db) => upkeep.spentUsd(db, since));
  }

  async findExpired(before: Date, limit: number): Promise<readonly Task[]> {
    return this.database.read((db) => upkeep.findExpired(db, before, limit));
  }

  async findUntidy(before: Date, limit: number): Promise<readonly Task[]> {
    return this.database.read((db) => upkeep.findUntidy(db, before, limit));
  }

  async markTidy(id: string): Promise<void> {
    await this.database.write(
      (trx) => trx.updateTable('tasks').set({ files_left: 0 }).where('id', '=', id).execute(),
      'process',
    );
  }

  async deleteLeftovers(before: Date, now: Date): Promise<void> {
    await this.database.write((trx) => upkeep.deleteLeftovers(trx, before, now));
  }
}
