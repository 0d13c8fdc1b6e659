import { Gauge, type Registry } from 'prom-client';

import { type Backlog, type Pile, type TaskStore } from '../../tasks/task-store.port.js';
import { PacedReading } from './paced-reading.js';

const PACE = { keepMs: 5_000, waitMs: 1_000 };

/** What waits in the task store; shared by all processes, so every one of them says the same. */
export class BacklogReading {
  private readonly reading: PacedReading<Backlog>;
  private readonly tasks;
  private readonly oldestTask;
  private readonly callbacks;
  private readonly oldestCallback;
  private readonly up;
  private readonly age;

  constructor(registry: Registry, store: Pick<TaskStore, 'backlog'>) {
    this.reading = new PacedReading(() => store.backlog(), PACE);
    const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> =>
      new Gauge({ name, help, labelNames, registers: [registry] });
    this.tasks = gauge('deskai_tasks', 'Tasks in the store that have not ended, by status.', [
      'status',
    ]);
    this.oldestTask = gauge(
      'deskai_task_oldest_age_seconds',
      'Age of the oldest task of each status; 0 where there is none.',
      ['status'],
    );
    this.callbacks = gauge(
      'deskai_callbacks_pending',
      'Callbacks in the store that were neither told nor given up.',
    );
    this.oldestCallback = gauge(
      'deskai_callback_oldest_age_seconds',
      'Age of the oldest pending callback; 0 where there is none.',
    );
    this.up = gauge(
      'deskai_task_store_up',
      'Whether the task store answered the last question of the metrics within a second.',
    );
    this.age = gauge(
      'deskai_task_store_reading_age_seconds',
      'Age of what these metrics say of tasks and callbacks; -1 before the first answer.',
    );
  }

  async collect(): Promise<void> {
    const { value, isUp, ageSeconds } = await this.reading.read();
    this.up.set(isUp ? 1 : 0);
    this.age.set(ageSeconds ?? -1);
    if (!value) return;
    for (const status of ['queued', 'running'] as const) {
      this.tasks.set({ status }, value[status].count);
      this.oldestTask.set({ status }, ageOf(value[status]));
    }
    this.callbacks.set(value.callbacks.count);
    this.oldestCallback.set(ageOf(value.callbacks));
  }
}

/** Grows also while the store is away: what waited then waits still. */
const ageOf = ({ oldestAt }: Pile): number =>
  oldestAt ? Math.max(0, (Date.now() - oldestAt.getTime()) / 1_000) : 0;
