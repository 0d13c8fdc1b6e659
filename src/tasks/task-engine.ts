import { type AppLogger } from '../common/logging/app-logger.js';
import { type Clock } from '../common/clock.js';
import { type CallbackConfig } from '../config/callback.config.js';
import { type TasksConfig } from '../config/tasks.config.js';
import { type CallbackSender } from '../providers/callback-sender/callback-sender.port.js';
import { CallbackWorker } from './callback.worker.js';
import { TaskCallbacks } from './task-callbacks.js';
import { TaskFeed } from './task-feed.js';
import { TaskHandlers } from './task-handler.js';
import { TaskMapper } from './task.mapper.js';
import { type TaskQueue } from './task-queue.port.js';
import { type TaskStore } from './task-store.port.js';
import { TaskWorker } from './task.worker.js';
import { type JsonObject, type Task } from './task.js';

export interface TaskEngineParts {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly sender: CallbackSender;
  readonly clock: Clock;
  readonly logger: AppLogger;
  readonly tasks: TasksConfig;
  readonly callback: CallbackConfig;
}

/** The parts that make tasks run, put together once and started with the service. */
export class TaskEngine {
  readonly store: TaskStore;
  readonly feed = new TaskFeed();
  readonly handlers = new TaskHandlers();
  readonly mapper = new TaskMapper(this.handlers);
  readonly callbacks: TaskCallbacks;
  private readonly worker: TaskWorker;
  private readonly callbackWorker: CallbackWorker;

  constructor(private readonly parts: TaskEngineParts) {
    const { store, queue, sender, clock, logger, tasks, callback } = parts;
    this.store = store;
    this.callbacks = new TaskCallbacks(callback, this.mapper);
    this.callbackWorker = new CallbackWorker({ store, sender, config: callback, clock, logger });
    this.callbacks.onWake(() => this.callbackWorker.wake());
    this.worker = new TaskWorker({
      store,
      queue,
      handlers: this.handlers,
      feed: this.feed,
      callbacks: this.callbacks,
      clock,
      logger,
      limits: {
        attempts: tasks.stepAttempts,
        backoffMs: tasks.backoffMs,
        backoffMaxMs: tasks.backoffMaxMs,
        timeoutMs: tasks.stepTimeoutMs,
      },
      deadlineMs: tasks.deadlineMs,
    });
  }

  async start(): Promise<void> {
    await this.worker.start();
    this.callbackWorker.start();
  }

  async stop(timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs;
    await this.worker.stop(timeoutMs);
    await this.callbackWorker.stop(Math.max(0, until - Date.now()));
  }

  async enqueue(task: Task): Promise<void> {
    await this.store.addEvent(task.id, { type: 'queued', at: task.createdAt, data: {} });
    await this.parts.queue.add(task.id);
  }

  async cancel(taskId: string): Promise<Task | undefined> {
    return this.worker.cancel(taskId);
  }

  /** Writes down a callback that belongs to no task. */
  async tell(delivery: Parameters<TaskStore['addDelivery']>[0]): Promise<void> {
    await this.store.addDelivery(delivery);
    this.callbacks.wake();
  }

  /** @see TaskMapper.toResource */
  toResource(task: Task): JsonObject {
    return this.mapper.toResource(task);
  }
}
