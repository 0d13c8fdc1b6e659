import { type DatabaseConfig } from '../config/database.config.js';
import { type DeliveryStore } from './delivery-store.port.js';
import { InProcessTaskQueue } from './in-process-task-queue.js';
import { SqlDeliveryStore } from './store/sql-delivery-store.js';
import { SqliteDatabase } from './store/sqlite-database.js';
import { SqlTaskStore } from './store/sql-task-store.js';
import { type TaskDatabase } from './store/task-database.js';
import { type TaskQueue } from './task-queue.port.js';
import { type TaskStore } from './task-store.port.js';

export const TASK_STORAGE = Symbol('TASK_STORAGE');

export interface TaskStorage {
  readonly database: TaskDatabase;
  readonly store: TaskStore;
  readonly deliveries: DeliveryStore;
  readonly queue: TaskQueue;
}

export interface TaskStorageOptions {
  readonly dataDir: string;
  readonly database: Pick<DatabaseConfig, 'url' | 'poolSize' | 'role'>;
  readonly concurrency: number;
  readonly onError: (error: unknown) => void;
  /** True for the operator's command, which looks in while the service runs. */
  readonly isVisitor?: boolean;
}

/** The only place that knows the databases and the queues; `DATABASE_URL` decides. Opens nothing yet. */
export const createTaskStorage = async (options: TaskStorageOptions): Promise<TaskStorage> => {
  const { dataDir, database, concurrency, onError, isVisitor = false } = options;
  if (database.url === undefined) {
    return combine(
      new SqliteDatabase({ dataDir, isExclusive: !isVisitor }),
      new InProcessTaskQueue(concurrency),
    );
  }
  const { url, poolSize, role } = database;
  // Loaded when chosen: together they take 25 MB.
  const [{ PostgresDatabase }, { PgBossTaskQueue }] = await Promise.all([
    import('./store/postgres-database.js'),
    import('./pg-boss-task-queue.js'),
  ]);
  return combine(
    new PostgresDatabase({ url, poolSize, onError }),
    new PgBossTaskQueue({ url, concurrency, isWorker: role !== 'api' && !isVisitor, onError }),
  );
};

const combine = (database: TaskDatabase, queue: TaskQueue): TaskStorage => ({
  database,
  queue,
  store: new SqlTaskStore(database, queue),
  deliveries: new SqlDeliveryStore(database),
});
