import {
  Global,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { CLOCK, type Clock } from '../common/clock.js';
import { AppLogger } from '../common/logging/app-logger.js';
import { appConfig, type AppConfig } from '../config/app.config.js';
import { callbackConfig, type CallbackConfig } from '../config/callback.config.js';
import { tasksConfig, type TasksConfig } from '../config/tasks.config.js';
import { CallbackSenderModule } from '../providers/callback-sender/callback-sender.module.js';
import {
  CALLBACK_SENDER,
  type CallbackSender,
} from '../providers/callback-sender/callback-sender.port.js';
import { InProcessTaskQueue } from './in-process-task-queue.js';
import { MemoryTaskStore } from './memory-task-store.js';
import { TaskEngine } from './task-engine.js';
import { TASK_QUEUE, type TaskQueue } from './task-queue.port.js';
import { TASK_STORE, type TaskStore } from './task-store.port.js';
import { TaskEventStream } from './task-event-stream.js';
import { TaskService } from './task.service.js';
import { TasksController } from './tasks.controller.js';

/** The only file that knows the store and the queue. */
@Global()
@Module({
  imports: [CallbackSenderModule],
  controllers: [TasksController],
  providers: [
    { provide: TASK_STORE, useClass: MemoryTaskStore },
    {
      provide: TASK_QUEUE,
      inject: [tasksConfig.KEY],
      useFactory: (config: TasksConfig) => new InProcessTaskQueue(config.concurrency),
    },
    {
      provide: TaskEngine,
      inject: [
        TASK_STORE,
        TASK_QUEUE,
        CALLBACK_SENDER,
        CLOCK,
        AppLogger,
        tasksConfig.KEY,
        callbackConfig.KEY,
      ],
      useFactory: (
        store: TaskStore,
        queue: TaskQueue,
        sender: CallbackSender,
        clock: Clock,
        logger: AppLogger,
        tasks: TasksConfig,
        callback: CallbackConfig,
      ) => new TaskEngine({ store, queue, sender, clock, logger, tasks, callback }),
    },
    TaskService,
    TaskEventStream,
  ],
  exports: [TaskEngine, TaskService],
})
export class TasksModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly engine: TaskEngine,
    @Inject(appConfig.KEY) private readonly config: AppConfig,
  ) {}

  /** After every feature has registered its handler. */
  async onApplicationBootstrap(): Promise<void> {
    await this.engine.start();
  }

  /** The first thing at shutdown: nothing that a running step needs is closed before this is over. */
  async onModuleDestroy(): Promise<void> {
    await this.engine.stop(this.config.shutdownTimeoutMs);
  }
}
