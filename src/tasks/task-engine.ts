import { randomUUID } from 'node:crypto';

import { type Clock } from '../common/clock.js';
import { type AppLogger } from '../common/logging/app-logger.js';
import { type CallbackConfig } from '../config/callback.config.js';
import { type DatabaseConfig } from '../config/database.config.js';
import { type TasksConfig } from '../config/tasks.config.js';
import { type CallbackSender } from '../providers/callback-sender/callback-sender.port.js';
import { CallbackWorker } from './callback.worker.js';
import { type Delivery, type DeliveryStore } from './delivery-store.port.js';
import { type TaskDatabase } from './store/task-database.js';
import { TaskCallbacks } from './task-callbacks.js';
import { taskEnds } from './task.diagnostics.js';
import { TaskFeed } from './task-feed.js';
import { TaskHandlers } from './task-handler.js';
import { TaskMapper } from './task.mapper.js';
import { type TaskQueue } from './task-queue.port.js';
import { type TaskStore } from './task-store.port.js';
import { TaskTidier } from './task-tidier.js';
import { TaskWorker } from './task.worker.js';
import { type Task } from './task.js';
import { WorkerPulse } from './worker-pulse.js';

export interface TaskEngineParts {
  readonly database: TaskDatabase;
  readonly store: TaskStore;
  readonly deliveries: DeliveryStore;
  readonly queue: TaskQueue;
  readonly sender: CallbackSender;
  readonly clock: Clock;
  readonly logger: AppLogger;
  readonly tasks: TasksConfig;
  readonly callback: CallbackConfig;
  readonly role: DatabaseConfig['role'];
}

/** The parts that make tasks run, put together once and started with the service. */
export class TaskEngine {
  readonly store: TaskStore;
  readonly deliveries: DeliveryStore;
  readonly feed: TaskFeed;
  readonly handlers = new TaskHandlers();
  readonly mapper = new TaskMapper(this.handlers);
  readonly callbacks: TaskCallbacks;
  private readonly tidier: TaskTidier;
  private readonly worker: TaskWorker;
  private readonly pulse: WorkerPulse;
  private readonly callbackWorker: CallbackWorker;
  private readonly leaving = new AbortController();
  private state: 'new' | 'open' | 'running' | 'stopped' = 'new';

  constructor(private readonly parts: TaskEngineParts) {
    const { store, deliveries, queue, sender, clock, logger, tasks, callback, database } = parts;
    this.store = store;
    this.deliveries = deliveries;
    this.feed = new TaskFeed(store);
    this.callbacks = new TaskCallbacks(callback, this.mapper);
    const name = `${process.pid}-${randomUUID()}`;
    const leaseMs = database.isShared ? tasks.leaseMs : null;
    const { handlers, feed, callbacks } = this;
    this.callbackWorker = new CallbackWorker({
      store: deliveries,
      sender,
      config: callback,
      clock,
      logger,
      name,
      isAlone: !database.isShared,
    });
    callbacks.onWake(() => this.callbackWorker.wake());
    const { retentionMs } = tasks;
    const tidier = new TaskTidier({ store, handlers, clock, logger, retentionMs });
    this.tidier = tidier;
    this.worker = new TaskWorker({
      store,
      queue,
      handlers,
      feed,
      callbacks,
      tidier,
      clock,
      logger,
      limits: {
        attempts: tasks.stepAttempts,
        backoffMs: tasks.backoffMs,
        backoffMaxMs: tasks.backoffMaxMs,
        timeoutMs: tasks.stepTimeoutMs,
      },
      deadlineMs: tasks.deadlineMs,
      name,
      leaseMs,
      mayTakeOver: () => this.pulse.mayTakeOver(),
    });
    this.pulse = new WorkerPulse({
      store,
      queue,
      worker: this.worker,
      tidier,
      clock,
      logger,
      name,
      leaseMs,
    });
  }

  /** Before anything else may use the store. @throws ConfigurationError */
  async open(): Promise<void> {
    await this.parts.database.open();
    this.state = 'open';
    await this.parts.queue.open();
  }

  /** After every feature has registered its handler. */
  async start(): Promise<void> {
    if (this.parts.role === 'api') return;
    this.worker.start();
    this.pulse.start();
    await this.callbackWorker.start();
    this.state = 'running';
  }

  /** Nothing that a running step needs may be closed before this is over. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.state !== 'running') return;
    this.state = 'open';
    const until = Date.now() + timeoutMs;
    await this.worker.stop(timeoutMs);
    await this.pulse.stop();
    await this.callbackWorker.stop(Math.max(0, until - Date.now()));
  }

  /** Aborted when this process is about to stop answering; running tasks were drained before. */
  get closing(): AbortSignal {
    return this.leaving.signal;
  }

  /** Lets those go who wait for news: they ask again, here or elsewhere, and miss nothing. */
  dismiss(): void {
    this.leaving.abort();
  }

  /** After the last reader has gone. */
  async close(): Promise<void> {
    this.feed.stop();
    if (this.state === 'new' || this.state === 'stopped') return;
    this.state = 'stopped';
    await this.parts.queue.close();
    await this.parts.database.close();
  }

  /** Resolves when this process can do its part; for readiness. */
  async check(): Promise<void> {
    await this.store.countQueued();
    if (this.state !== 'running') return;
    if (!this.pulse.isAlive()) throw new Error('The worker has stopped looking for tasks');
    if (!this.callbackWorker.isAlive()) throw new Error('Callbacks are no longer looked up');
  }

  /** Tells the queue of this process what the store's transaction has put into it. */
  wake(task: Task): void {
    this.parts.queue.wake(task.id, task.createdAt);
  }

  /** Ends a task wherever it is; undefined when it had ended. Other processes notice within a second. */
  async cancel(taskId: string): Promise<Task | undefined> {
    const at = new Date(this.parts.clock.now());
    const ended = await this.store.cancel(taskId, at, (task) => this.callbacks.toDelivery(task));
    if (!ended) return undefined;
    this.worker.abandon(taskId);
    taskEnds.tell({ task: ended });
    this.feed.publish(taskId);
    this.parts.logger.info('task', {
      taskId,
      kind: ended.kind,
      event: 'ended',
      status: 'canceled',
    });
    this.callbacks.wake();
    await this.tidier.tidy(ended);
    return ended;
  }

  /** Writes down a callback that belongs to no task. */
  async tell(delivery: Delivery): Promise<void> {
    await this.deliveries.addDelivery(delivery);
    this.callbacks.wake();
  }
}
