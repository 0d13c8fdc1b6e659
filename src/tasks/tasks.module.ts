import {
  type BeforeApplicationShutdown,
  Global,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';

import { CLOCK, type Clock } from '../common/clock.js';
import { AppLogger } from '../common/logging/app-logger.js';
import { appConfig, type AppConfig } from '../config/app.config.js';
import { callbackConfig, type CallbackConfig } from '../config/callback.config.js';
import { databaseConfig, type DatabaseConfig } from '../config/database.config.js';
import { tasksConfig, type TasksConfig } from '../config/tasks.config.js';
import { CallbackSenderModule } from '../providers/callback-sender/callback-sender.module.js';
import {
  CALLBACK_SENDER,
  type CallbackSender,
} from '../providers/callback-sender/callback-sender.port.js';
import { createTaskStorage, TASK_STORAGE, type TaskStorage } from './task-storage.js';
import { TaskEngine } from './task-engine.js';
import { TaskEventStream } from './task-event-stream.js';
import { TaskService } from './task.service.js';
import { TasksController } from './tasks.controller.js';

@Global()
@Module({
  imports: [CallbackSenderModule],
  controllers: [TasksController],
  providers: [
    {
      provide: TASK_STORAGE,
      inject: [appConfig.KEY, databaseConfig.KEY, tasksConfig.KEY, AppLogger],
      useFactory: (
        app: AppConfig,
        database: DatabaseConfig,
        tasks: TasksConfig,
        logger: AppLogger,
      ) =>
        createTaskStorage({
          dataDir: app.dataDir,
          database,
          concurrency: tasks.concurrency,
          onError: (error) => logger.warn('The database of the tasks reports an error', { error }),
        }),
    },
    {
      provide: TaskEngine,
      inject: [
        TASK_STORAGE,
        CALLBACK_SENDER,
        CLOCK,
        AppLogger,
        tasksConfig.KEY,
        callbackConfig.KEY,
        databaseConfig.KEY,
      ],
      useFactory: (
        storage: TaskStorage,
        sender: CallbackSender,
        clock: Clock,
        logger: AppLogger,
        tasks: TasksConfig,
        callback: CallbackConfig,
        { role }: DatabaseConfig,
      ) => new TaskEngine({ ...storage, sender, clock, logger, tasks, callback, role }),
    },
    TaskService,
    TaskEventStream,
  ],
  exports: [TaskEngine, TaskService],
})
export class TasksModule
  implements
    OnModuleInit,
    OnApplicationBootstrap,
    OnModuleDestroy,
    BeforeApplicationShutdown,
    OnApplicationShutdown
{
  constructor(
    private readonly engine: TaskEngine,
    @Inject(appConfig.KEY) private readonly config: AppConfig,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.engine.open();
  }

  /** After every feature has registered its handler. */
  async onApplicationBootstrap(): Promise<void> {
    await this.engine.start();
  }

  /** The first thing at shutdown: nothing that a running step needs is closed before this is over. */
  async onModuleDestroy(): Promise<void> {
    await this.engine.drain(this.config.shutdownTimeoutMs);
  }

  /** Only now, after running tasks were drained: their end is still told. */
  beforeApplicationShutdown(): void {
    this.engine.dismiss();
  }

  /** The last thing: requests that still read tasks have been answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }
}
