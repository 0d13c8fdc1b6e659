import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { resolveWorker } from '../../common/workers/worker-url.js';
import { type SqliteAnswer, type SqliteRequest, type SqliteValue } from './sqlite.protocol.js';

/** How long a statement waits for a lock that the operator's command holds, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

export interface SqliteRows {
  readonly rows: readonly Record<string, unknown>[];
  readonly changes: number;
}

/** An error of SQLite, with its result code. */
export class SqliteFailure extends Error {
  constructor(
    message: string,
    readonly errcode: number,
  ) {
    super(message);
    this.name = 'SqliteFailure';
  }
}

/** SQLITE_CANTOPEN, for when the thread itself is gone. */
const CANNOT_OPEN = 14;

/** The one connection to the embedded database, on a thread of its own. */
export class SqliteConnection {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, PromiseWithResolvers<SqliteRows>>();
  private nextId = 1;
  private isClosed = false;

  constructor(path: string) {
    const { url, execArgv } = resolveWorker('./sqlite.worker', import.meta.url);
    const workerData = { path, busyTimeoutMs: BUSY_TIMEOUT_MS };
    this.worker = new Worker(url, { execArgv, workerData, name: 'task-store' });
    this.worker.on('message', (answer: SqliteAnswer) => this.settle(answer));
    this.worker.on('error', (error) => this.failAll(String(error)));
    this.worker.on('exit', () => this.failAll('The thread of the task store has ended'));
    // Nothing waits for the database: the process may end.
    this.worker.unref();
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<SqliteRows> {
    if (this.isClosed) throw new SqliteFailure('The task store is closed', CANNOT_OPEN);
    const id = this.nextId++;
    const answer = Promise.withResolvers<SqliteRows>();
    this.waiting.set(id, answer);
    if (this.waiting.size === 1) this.worker.ref();
    const request: SqliteRequest = { id, sql, parameters: parameters as readonly SqliteValue[] };
    this.worker.postMessage(request);
    return answer.promise;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.worker.ref();
    const exited = once(this.worker, 'exit');
    this.worker.postMessage('close');
    await exited;
  }

  private settle(answer: SqliteAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.worker.unref();
    if ('error' in answer) {
      waiting?.reject(new SqliteFailure(answer.error.message, answer.error.errcode));
    } else {
      waiting?.resolve(answer);
    }
  }

  private failAll(reason: string): void {
    this.isClosed = true;
    for (const waiting of this.waiting.values()) {
      waiting.reject(new SqliteFailure(reason, CANNOT_OPEN));
    }
    this.waiting.clear();
  }
}
