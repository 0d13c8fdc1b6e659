import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

import { type TaskEngine } from './task-engine.js';
import { type TaskService } from './task.service.js';
import { hasEnded, type Task, type TaskEvent } from './task.js';

/** What has happened to a task since an event. */
export interface TaskNews {
  /** Server-Sent Events, ready to be written; empty when there are none. */
  readonly text: string;
  readonly lastSeq: number;
  /** Nothing comes after it. */
  readonly isOver: boolean;
}

/** Reads events for many listeners: those who want to know the same at the same time ask once. */
export class TaskEventReader {
  private readonly asked = new Map<string, Promise<TaskNews>>();

  constructor(
    private readonly engine: Pick<TaskEngine, 'store'>,
    private readonly tasks: Pick<TaskService, 'toResource'>,
  ) {}

  read(task: Task, afterSeq: number): Promise<TaskNews> {
    const key = `${task.id} ${afterSeq}`;
    const known = this.asked.get(key);
    if (known) return known;
    const asked = this.ask(task, afterSeq, key);
    this.asked.set(key, asked);
    return asked;
  }

  private async ask(task: Task, afterSeq: number, key: string): Promise<TaskNews> {
    await turnOfTheLoop();
    // From here on nobody joins: an answer must not be older than the question.
    this.asked.delete(key);
    const { store } = this.engine;
    // In this order: a task that has ended here has its last event there.
    const current = await store.find(task.id);
    const events = await store.events(task.id, afterSeq);
    const blocks = await Promise.all(events.map((event) => this.format(current ?? task, event)));
    return {
      text: blocks.join(''),
      lastSeq: events.at(-1)?.seq ?? afterSeq,
      // A client that had the last event already gets no more.
      isOver: !current || hasEnded(current.status) || events.at(-1)?.type === 'ended',
    };
  }

  private async format(task: Task, event: TaskEvent): Promise<string> {
    const data =
      event.type === 'ended'
        ? await this.tasks.toResource(await this.ended(task))
        : {
            task_id: task.id,
            status: event.type === 'queued' ? 'queued' : 'running',
            at: event.at.toISOString(),
            ...event.data,
          };
    return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  /** It may have ended after it was read and before its events were. */
  private async ended(task: Task): Promise<Task> {
    if (hasEnded(task.status)) return task;
    return (await this.engine.store.find(task.id)) ?? task;
  }
}
