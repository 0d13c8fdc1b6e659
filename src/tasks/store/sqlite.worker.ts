/**
 * The embedded database's own thread: a commit waits for the disk (3 ms usually, 30 ms at times),
 * which must not hold up HTTP. Statements run one after the other in the order they arrive.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

import { type SqliteAnswer, type SqliteRequest } from './sqlite.protocol.js';

interface SqliteWorkerData {
  readonly path: string;
  readonly busyTimeoutMs: number;
}

const { path, busyTimeoutMs } = workerData as SqliteWorkerData;
const statements = new Map<string, StatementSync>();
let database: DatabaseSync | undefined;

const open = (): DatabaseSync => {
  if (database) return database;
  database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  // The log is folded into the database when it has 4 MB, and does not stay large after a burst.
  database.exec('pragma journal_size_limit = 16777216');
  return database;
};

const prepare = (sql: string): StatementSync => {
  const known = statements.get(sql);
  if (known) return known;
  const statement = open().prepare(sql);
  // Lists of ids make texts of many lengths; a bound keeps the memory flat.
  if (statements.size > 500) statements.clear();
  statements.set(sql, statement);
  return statement;
};

const answer = ({ id, sql, parameters }: SqliteRequest): SqliteAnswer => {
  try {
    const statement = prepare(sql);
    if (statement.columns().length > 0) {
      return { id, rows: statement.all(...parameters), changes: 0 };
    }
    const { changes } = statement.run(...parameters);
    return { id, rows: [], changes: Number(changes) };
  } catch (error) {
    const errcode =
      error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
        ? error.errcode
        : 0;
    return { id, error: { message: String(error), errcode } };
  }
};

parentPort?.on('message', (request: SqliteRequest | 'close') => {
  if (request !== 'close') {
    parentPort?.postMessage(answer(request));
    return;
  }
  database?.close();
  parentPort?.close();
});
