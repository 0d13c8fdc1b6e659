import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';

import { TaskEngine } from './task-engine.js';
import { TaskService } from './task.service.js';
import { hasEnded, type Task, type TaskEvent } from './task.js';

/** Proxies drop silent connections; a comment line this often keeps them open, in milliseconds. */
const HEARTBEAT_MS = 15_000;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  Connection: 'keep-alive',
  // nginx would hold events back otherwise.
  'X-Accel-Buffering': 'no',
};

/** A task's history as Server-Sent Events: what is stored first, then the news as it is stored. */
@Injectable()
export class TaskEventStream implements BeforeApplicationShutdown {
  private readonly closing = new AbortController();

  constructor(
    private readonly engine: TaskEngine,
    private readonly tasks: TaskService,
  ) {}

  /** Only now, after running tasks were drained: their end is still told. Clients reconnect with Last-Event-ID and miss nothing. */
  beforeApplicationShutdown(): void {
    this.closing.abort();
  }

  async send(task: Task, request: Request, response: Response): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const stop = AbortSignal.any([gone.signal, this.closing.signal]);
    response.writeHead(200, HEADERS);
    response.flushHeaders();
    const heartbeat = setInterval(() => response.write(': keep-alive\n\n'), HEARTBEAT_MS);
    try {
      await this.pump(task, lastEventId(request), response, stop);
    } finally {
      clearInterval(heartbeat);
      response.end();
    }
  }

  private async pump(
    task: Task,
    lastSeq: number,
    response: Response,
    stop: AbortSignal,
  ): Promise<void> {
    let seq = lastSeq;
    while (!stop.aborted) {
      const news = this.engine.feed.next(task.id, stop);
      // In this order: a task that has ended here has its last event there.
      const current = await this.engine.store.find(task.id);
      const events = await this.engine.store.events(task.id, seq);
      for (const event of events) {
        response.write(await this.format(task, event));
        seq = event.seq;
        if (event.type === 'ended') return;
      }
      // A client that had the last event already gets no more.
      if (!current || hasEnded(current.status)) return;
      await news;
    }
  }

  private async format(task: Task, event: TaskEvent): Promise<string> {
    const data =
      event.type === 'ended'
        ? await this.tasks.toResource((await this.engine.store.find(task.id)) ?? task)
        : {
            task_id: task.id,
            status: event.type === 'queued' ? 'queued' : 'running',
            at: event.at.toISOString(),
            ...event.data,
          };
    return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}

const lastEventId = (request: Request): number => {
  const value = request.get('Last-Event-ID') ?? '';
  return /^\d{1,9}$/.test(value) ? Number(value) : 0;
};
