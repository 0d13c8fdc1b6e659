import { type Clock, systemClock } from '../../../src/common/clock.js';
import { AppLogger } from '../../../src/common/logging/app-logger.js';
import { callbackConfig, type CallbackConfig } from '../../../src/config/callback.config.js';
import { tasksConfig, type TasksConfig } from '../../../src/config/tasks.config.js';
import {
  type CallbackMessage,
  type CallbackResult,
  type CallbackSender,
} from '../../../src/providers/callback-sender/callback-sender.port.js';
import { TaskEngine } from '../../../src/tasks/task-engine.js';
import { type TaskHandler } from '../../../src/tasks/task-handler.js';
import { createTaskStorage } from '../../../src/tasks/task-storage.js';
import { type Task } from '../../../src/tasks/task.js';
import { eventually } from '../../support/http.js';

export const delivered: CallbackResult = {
  status: 200,
  latencyMs: 1,
  outcome: 'delivered',
  reason: 'ok',
  retryAfterMs: undefined,
};

/** Answers as the test says and remembers what was sent. */
export class FakeSender implements CallbackSender {
  readonly sent: CallbackMessage[] = [];
  answer: (message: CallbackMessage) => Promise<CallbackResult> = async () => delivered;

  async send(message: CallbackMessage): Promise<CallbackResult> {
    this.sent.push(message);
    return this.answer(message);
  }
}

/** A handler that does nothing, to be given what a test is about. */
export const aHandler = (changes: Partial<TaskHandler>): TaskHandler => ({
  kind: 'test.v1',
  version: 1,
  steps: [],
  run: async () => undefined,
  toResource: () => ({}),
  deleteFiles: async () => undefined,
  cleanUp: async () => undefined,
  ...changes,
});

export interface EngineOptions {
  readonly dataDir: string;
  readonly handlers?: readonly TaskHandler[];
  readonly sender?: CallbackSender;
  readonly clock?: Clock;
  readonly tasks?: Partial<TasksConfig>;
  readonly callback?: Partial<CallbackConfig>;
}

/** The engine over the embedded store, as the service puts it together. */
export const createEngine = async (options: EngineOptions): Promise<TaskEngine> => {
  const tasks = { ...tasksConfig(), backoffMs: 10, ...options.tasks };
  const engine = new TaskEngine({
    ...(await createTaskStorage({
      dataDir: options.dataDir,
      database: { url: undefined, poolSize: 2, role: 'all' },
      concurrency: tasks.concurrency,
      onError: () => undefined,
    })),
    sender: options.sender ?? new FakeSender(),
    clock: options.clock ?? systemClock,
    logger: AppLogger.create('silent'),
    tasks,
    callback: { ...callbackConfig(), ...options.callback },
    role: 'all',
  });
  for (const handler of options.handlers ?? []) engine.handlers.register(handler);
  return engine;
};

export const stopEngine = async (engine: TaskEngine): Promise<void> => {
  await engine.drain(5_000);
  await engine.close();
};

export const endedTask = async (engine: TaskEngine, id: string): Promise<Task> => {
  const task = await eventually(
    () => engine.store.find(id),
    (found) => found !== undefined && found.finishedAt !== null,
  );
  if (!task) throw new Error('There is no such task');
  return task;
};
