import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { type CustomTypesConfig, Pool, types as pgTypes } from 'pg';

import { ConfigurationError } from '../../common/errors/errors.js';
import { migrate } from './migrations.js';
import { type Schema } from './schema.js';
import { toStoreError } from './store-unavailable.js';
import { type Durability, type TaskDatabase } from './task-database.js';

export interface PostgresOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly onError: (error: unknown) => void;
}

/**
 * A paused process must not hold its locks for ever, and a statement that hangs must not hang us.
 * Milliseconds.
 */
const SESSION =
  '-c statement_timeout=15000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=10000';
const CONNECT_TIMEOUT_MS = 5_000;
/** Any number that no other program uses for an advisory lock on the same database. */
const MIGRATION_LOCK = 4_820_715;

const INT8 = 20;

/** Milliseconds fit a double; pg hands 64-bit integers out as text because not all do. */
const types: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pgTypes.getTypeParser(oid, format ?? 'text'),
};

/** PostgreSQL, when several processes share the work. */
export class PostgresDatabase implements TaskDatabase {
  readonly isShared = true;
  readonly nowMs = sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`;
  readonly pool: Pool;
  private readonly db: Kysely<Schema>;

  constructor(options: PostgresOptions) {
    this.pool = new Pool({
      connectionString: options.url,
      max: options.poolSize,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: 20_000,
      keepAlive: true,
      options: SESSION,
      application_name: 'desk-ai',
      types,
    });
    // Without listeners a connection that is cut would end the process, be it idle or at work.
    this.pool.on('error', options.onError);
    this.pool.on('connect', (client) => client.on('error', options.onError));
    this.db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: this.pool }) });
  }

  async open(): Promise<void> {
    try {
      await this.write(async (trx) => {
        await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(trx);
        await migrate(trx, Date.now());
      });
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw new ConfigurationError([
        `DATABASE_URL: the task database cannot be opened: ${reasonOf(error)}`,
      ]);
    }
  }

  async close(): Promise<void> {
    await this.db.destroy();
  }

  async read<T>(run: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    try {
      return await run(this.db);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async write<T>(
    run: (trx: Transaction<Schema>) => Promise<T>,
    durability: Durability = 'power_cut',
  ): Promise<T> {
    try {
      return await this.db.transaction().execute(async (trx) => {
        if (durability === 'process') await sql`set local synchronous_commit = off`.execute(trx);
        return run(trx);
      });
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async lock(trx: Transaction<Schema>, key: string): Promise<void> {
    await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(trx);
  }
}

/** Messages of pg name host and user, never the password. */
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof AggregateError) return cause.errors.map(String).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
};
