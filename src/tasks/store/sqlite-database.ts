import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { Kysely, sql, type Transaction } from 'kysely';

import { ConfigurationError } from '../../common/errors/errors.js';
import { migrate } from './migrations.js';
import { type Schema } from './schema.js';
import { SqliteConnection } from './sqlite-connection.js';
import { createSqliteDialect } from './sqlite-dialect.js';
import { toStoreError } from './store-unavailable.js';
import { type Durability, type TaskDatabase } from './task-database.js';

export interface SqliteOptions {
  readonly dataDir: string;
  /** False for the operator's command, which may look in while the service runs. */
  readonly isExclusive: boolean;
}

/** The default: one file under the data folder, one process, no server. */
export class SqliteDatabase implements TaskDatabase {
  readonly isShared = false;
  readonly nowMs = sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
  private db: Kysely<Schema> | undefined;
  private lockFile: DatabaseSync | undefined;

  constructor(private readonly options: SqliteOptions) {}

  async open(): Promise<void> {
    const { dataDir, isExclusive } = this.options;
    prepareFolder(dataDir);
    if (isExclusive) this.lockFile = lockFolder(dataDir);
    const connection = new SqliteConnection(join(dataDir, 'tasks.db'));
    this.db = new Kysely<Schema>({ dialect: createSqliteDialect(connection) });
    await this.write((trx) => migrate(trx, Date.now()));
  }

  async close(): Promise<void> {
    await this.db?.destroy();
    this.db = undefined;
    this.lockFile?.close();
    this.lockFile = undefined;
  }

  async read<T>(run: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    return translated(() => run(this.opened()));
  }

  async write<T>(
    run: (trx: Transaction<Schema>) => Promise<T>,
    durability: Durability = 'power_cut',
  ): Promise<T> {
    return translated(() =>
      this.opened()
        .connection()
        .execute(async (db) => {
          // Not possible inside a transaction, hence for the connection and before it.
          await sql`pragma synchronous = ${sql.raw(durability === 'process' ? 'normal' : 'full')}`.execute(
            db,
          );
          return db.transaction().execute(run);
        }),
    );
  }

  async lock(): Promise<void> {
    // A writing transaction has the whole database to itself.
  }

  private opened(): Kysely<Schema> {
    if (!this.db) throw new TypeError('The task store is not open');
    return this.db;
  }
}

const translated = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw toStoreError(error);
  }
};

const prepareFolder = (dataDir: string): void => {
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    throw new ConfigurationError([
      `DATA_DIR ${dataDir} cannot be created: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
};

/**
 * A file of its own is locked rather than the database, so that the operator's command can still
 * read that. The system takes the lock away when the process dies, however it dies.
 */
const lockFolder = (dataDir: string): DatabaseSync => {
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(join(dataDir, 'tasks.lock'), { timeout: 0 });
    file.exec('begin exclusive');
    return file;
  } catch (error) {
    file?.close();
    const isBusy = /database is locked/i.test(String(error));
    throw new ConfigurationError([
      isBusy
        ? `DATA_DIR ${dataDir} is in use by another process of this service. Stop that one, choose another DATA_DIR, or set DATABASE_URL to share the work between processes.`
        : `DATA_DIR ${dataDir} cannot be locked: ${String(error)}`,
    ]);
  }
};
