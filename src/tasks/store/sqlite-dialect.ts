import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

import { type SqliteConnection } from './sqlite-connection.js';

/** Kysely's connection over ours. */
class ThreadConnection implements DatabaseConnection {
  constructor(private readonly connection: SqliteConnection) {}

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.connection.run(query.sql, query.parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(changes) };
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new TypeError('The embedded store reads whole answers');
  }
}

/** One connection, lent to one transaction or statement at a time, first come first served. */
class ThreadDriver implements Driver {
  private readonly connection: ThreadConnection;
  private tail: Promise<void> = Promise.resolve();
  private release: () => void = () => undefined;

  constructor(private readonly thread: SqliteConnection) {
    this.connection = new ThreadConnection(thread);
  }

  async init(): Promise<void> {
    // The thread opens the file with its first statement.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.tail = promise;
    await before;
    this.release = resolve;
    return this.connection;
  }

  async releaseConnection(): Promise<void> {
    this.release();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Immediate: a transaction that read first could not become a writer beside another one.
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw('rollback'));
    } catch {
      // A full disk has rolled back by itself: there is no transaction any more.
    }
  }

  async destroy(): Promise<void> {
    await this.thread.close();
  }
}

export const createSqliteDialect = (connection: SqliteConnection): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new ThreadDriver(connection),
  createIntrospector: (db) => new SqliteIntrospector(db as Kysely<unknown>),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});
