import { type Kysely, sql } from 'kysely';

import { ConfigurationError } from '../../common/errors/errors.js';
import { type Schema } from './schema.js';

/**
 * Forward only: a statement that has been released is never changed, a new one is appended as the
 * next version. Every statement has to be understood by SQLite and PostgreSQL alike.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `create table tasks (
      id text primary key, kind text not null, version integer not null, status text not null,
      owner text not null, input text not null, initial_image_url text,
      fingerprint text not null, callback_url text, result text not null, warnings text not null,
      calls text not null, error text, step text, percent integer not null,
      claim integer not null, stalls integer not null, worker text, lease_until_ms bigint,
      due_at_ms bigint not null, last_seq integer not null, files_left integer not null,
      created_at_ms bigint not null,      started_at_ms bigint, finished_at_ms bigint)`,
    `create index tasks_owner on tasks (owner, id)`,
    `create index tasks_photo on tasks (initial_image_url, id)`,
    `create index tasks_unfinished on tasks (status, id) where finished_at_ms is null`,
    `create index tasks_fingerprint on tasks (fingerprint) where finished_at_ms is null`,
    `create index tasks_finished on tasks (finished_at_ms)`,
    `create index tasks_files_left on tasks (finished_at_ms) where files_left = 1`,
    `create table steps (
      task_id text not null, step text not null, attempt integer not null, outcome text not null,
      output text not null, error_code text, started_at_ms bigint not null,
      finished_at_ms bigint not null, primary key (task_id, step, attempt))`,
    `create unique index steps_done on steps (task_id, step) where outcome = 'done'`,
    `create table events (
      task_id text not null, seq integer not null, type text not null, at_ms bigint not null,
      data text not null, primary key (task_id, seq))`,
    `create unique index events_ended on events (task_id) where type = 'ended'`,
    `create table idempotency_keys (
      owner text not null, key text not null, fingerprint text not null, task_id text not null,
      expires_at_ms bigint not null, primary key (owner, key))`,
    `create index idempotency_keys_task on idempotency_keys (task_id)`,
    `create index idempotency_keys_expiry on idempotency_keys (expires_at_ms)`,
    `create table provider_calls (
      task_id text not null, step text not null, claim integer not null, attempt integer not null,
      state text not null, provider text not null, operation text not null, model text not null,
      usd double precision, started_at_ms bigint not null, duration_ms bigint not null,
      primary key (task_id, step, claim, attempt))`,
    `create index provider_calls_time on provider_calls (started_at_ms)`,
    `create table step_durations (
      kind text not null, step text not null, slot integer not null, duration_ms bigint not null,
      primary key (kind, step, slot))`,
    `create table deliveries (
      id text primary key, task_id text, url text not null, host text not null,
      body text not null, status text not null, next_attempt_at_ms bigint not null,
      earlier_attempts integer not null, worker text, lease_until_ms bigint,
      created_at_ms bigint not null)`,
    `create index deliveries_task on deliveries (task_id)`,
    `create index deliveries_due on deliveries (next_attempt_at_ms) where status = 'pending'`,
    `create table delivery_attempts (
      delivery_id text not null, attempt integer not null, at_ms bigint not null, status integer,
      latency_ms integer not null, reason text not null, primary key (delivery_id, attempt))`,
  ],
  [`alter table tasks add column origin text`, `alter table deliveries add column origin text`],
];

export const CODE_VERSION = MIGRATIONS.length;

/**
 * Brings the tables to this code's version. The caller holds a lock on the whole database.
 *
 * @throws ConfigurationError when a newer version of the service has been here
 */
export const migrate = async (db: Kysely<Schema>, nowMs: number): Promise<void> => {
  await sql`create table if not exists schema_version (version integer primary key, applied_at_ms bigint not null)`.execute(
    db,
  );
  const { version } = await db
    .selectFrom('schema_version')
    .select(({ fn }) => fn.coalesce(fn.max('version'), sql<number>`0`).as('version'))
    .executeTakeFirstOrThrow();
  assertKnown(version);
  for (const [index, statements] of MIGRATIONS.slice(version).entries()) {
    for (const statement of statements) await sql.raw(statement).execute(db);
    await db
      .insertInto('schema_version')
      .values({ version: version + index + 1, applied_at_ms: nowMs })
      .execute();
  }
};

const assertKnown = (version: number): void => {
  if (version <= CODE_VERSION) return;
  throw new ConfigurationError([
    `The task database has version ${version}, written by a newer release; this release knows version ${CODE_VERSION}. Start the newer release again, or restore a backup made before it.`,
  ]);
};
