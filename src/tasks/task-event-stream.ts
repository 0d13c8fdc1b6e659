import { Inject, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';

import { tasksConfig, type TasksConfig } from '../config/tasks.config.js';
import { patiently } from './patience.js';
import { TaskEngine } from './task-engine.js';
import { TaskEventReader } from './task-event-reader.js';
import { TaskService } from './task.service.js';
import { type Task } from './task.js';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  Connection: 'keep-alive',
  // nginx would hold events back otherwise.
  'X-Accel-Buffering': 'no',
};

/** Browsers wait this long before they connect again, in milliseconds. */
const RECONNECT_MS = 1_000;
const GOODBYE = `: this instance is shutting down, connect again with Last-Event-ID\nretry: ${RECONNECT_MS}\n\n`;

/** A task's history as Server-Sent Events: what is stored first, then the news as it is stored. */
@Injectable()
export class TaskEventStream {
  private readonly reader: TaskEventReader;

  constructor(
    private readonly engine: TaskEngine,
    tasks: TaskService,
    @Inject(tasksConfig.KEY) private readonly config: TasksConfig,
  ) {
    this.reader = new TaskEventReader(engine, tasks);
  }

  async send(task: Task, request: Request, response: Response): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.writeHead(200, HEADERS);
    response.flushHeaders();
    // Proxies drop silent connections.
    const heartbeat = setInterval(
      () => response.write(': keep-alive\n\n'),
      this.config.eventsHeartbeatMs,
    );
    try {
      await this.pump(task, lastEventId(request), response, gone.signal);
    } finally {
      clearInterval(heartbeat);
      response.end();
    }
  }

  private async pump(
    task: Task,
    lastSeq: number,
    response: Response,
    gone: AbortSignal,
  ): Promise<void> {
    const { closing, feed } = this.engine;
    const stop = AbortSignal.any([gone, closing]);
    let seq = lastSeq;
    while (!stop.aborted) {
      const news = feed.next(task.id, stop);
      // Listeners outlast a database that is away for a moment.
      const found = await patiently(() => this.reader.read(task, seq), stop);
      if (found.text !== '') response.write(found.text);
      if (found.isOver) return;
      seq = found.lastSeq;
      await news;
    }
    if (!gone.aborted) response.write(GOODBYE);
  }
}

const lastEventId = (request: Request): number => {
  const value = request.get('Last-Event-ID') ?? '';
  return /^\d{1,9}$/.test(value) ? Number(value) : 0;
};
