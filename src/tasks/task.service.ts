import { createHash } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { v7 as uuidv7 } from 'uuid';

import { CLOCK, type Clock } from '../common/clock.js';
import { ConflictError, LimitError, NotFoundError, RefusedError } from '../common/errors/errors.js';
import { tasksConfig, type TasksConfig } from '../config/tasks.config.js';
import { TaskEngine } from './task-engine.js';
import { currentOrigin } from './current-origin.js';
import { taskCreations } from './task.diagnostics.js';
import { toDelivery } from './task-callbacks.js';
import { hasEnded, type JsonObject, type Task } from './task.js';
import { type Delivery } from './delivery-store.port.js';
import { type TaskFilter, type TaskPage } from './task-store.port.js';
import { type TaskEstimate } from './task.mapper.js';

export interface CreateTaskRequest {
  readonly kind: string;
  readonly owner: string;
  readonly input: JsonObject;
  readonly callbackUrl: string | null | undefined;
  readonly idempotencyKey: string | undefined;
}

/** How long a caller waits before trying a full queue again, in milliseconds. */
const QUEUE_FULL_RETRY_MS = 10_000;

/** Identical requests within this time of each other join when `DEDUPE_IN_FLIGHT` is on, in milliseconds. */
const JOIN_WITHIN_MS = 60_000;
/** How long the history of durations is taken as it is, in milliseconds. */
const HISTORY_TTL_MS = 5_000;

/** What the HTTP side may do with tasks. A task of another owner does not exist for the caller. */
@Injectable()
export class TaskService {
  private readonly history = new LRUCache<string, ReadonlyMap<string, number>>({
    max: 100,
    ttl: HISTORY_TTL_MS,
  });

  constructor(
    private readonly engine: TaskEngine,
    @Inject(tasksConfig.KEY) private readonly config: TasksConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves once the task is stored: from then on it is never lost. */
  async create(request: CreateTaskRequest): Promise<Task> {
    const { kind, owner, input, idempotencyKey } = request;
    const callbackUrl = this.engine.callbacks.resolveUrl(request.callbackUrl);
    const outcome = await this.engine.store.create({
      id: uuidv7(),
      kind,
      version: this.engine.handlers.get(kind).version,
      owner,
      origin: currentOrigin(),
      input,
      callbackUrl,
      createdAt: new Date(this.clock.now()),
      fingerprint: fingerprint([kind, input, callbackUrl]),
      idempotencyKey: idempotencyKey ?? null,
      joinWithinMs: this.config.dedupesInFlight ? JOIN_WITHIN_MS : null,
      queueLimit: this.config.queueLimit,
    });
    taskCreations.tell({ kind, outcome: outcome.kind });
    switch (outcome.kind) {
      case 'created':
        this.engine.wake(outcome.task);
        return outcome.task;
      case 'existing':
        return outcome.task;
      case 'key_reused':
        throw new RefusedError(
          'idempotency_key_reused',
          'This Idempotency-Key was sent before with another body. Use a new key for a new request.',
        );
      case 'queue_full':
        throw new LimitError(
          'queue_full',
          `${outcome.waiting} tasks are waiting already. Nothing was started; try again later.`,
          { retryAfterMs: QUEUE_FULL_RETRY_MS },
        );
      default:
        return outcome satisfies never;
    }
  }

  async get(id: string, owner?: string): Promise<Task> {
    const task = await this.engine.store.find(id);
    if (!task || (owner !== undefined && task.owner !== owner)) {
      throw new NotFoundError('There is no task with this id.');
    }
    return task;
  }

  async list(filter: TaskFilter, limit: number, cursor: string | null): Promise<TaskPage> {
    return this.engine.store.list(filter, limit, cursor);
  }

  /** Canceling a canceled task again is no error; one that ended otherwise is. */
  async cancel(id: string, owner?: string): Promise<Task> {
    const task = await this.get(id, owner);
    if (task.status === 'canceled') return task;
    const canceled = await this.engine.cancel(id);
    if (canceled) return canceled;
    throw new ConflictError(
      'task_not_cancelable',
      `The task has already ended (${(await this.get(id)).status}).`,
    );
  }

  async delete(id: string, owner?: string): Promise<void> {
    const task = await this.get(id, owner);
    if (!hasEnded(task.status)) {
      throw new ConflictError('task_running', 'The task has not ended yet: cancel it first.');
    }
    await this.engine.handlers.find(task.kind)?.deleteFiles(task);
    await this.engine.store.delete(id);
  }

  async deliveries(id: string, owner?: string): Promise<readonly Delivery[]> {
    await this.get(id, owner);
    return this.engine.deliveries.deliveries(id);
  }

  /** Tells the outcome again: same `webhook-id` and bytes as the first time. */
  async redeliver(id: string, owner?: string): Promise<Delivery> {
    const task = await this.get(id, owner);
    if (!hasEnded(task.status)) {
      throw new ConflictError(
        'task_running',
        'The task has not ended yet: there is nothing to tell.',
      );
    }
    const { deliveries, callbacks, mapper } = this.engine;
    const delivery = await this.repeat(id);
    if (delivery) return delivery;
    const url = callbacks.resolveUrl(undefined);
    if (url === null) throw new NotFoundError('This task has no callback address.');
    const first = toDelivery(id, url, mapper.toResource(task), task.origin);
    await deliveries.addDelivery(first);
    callbacks.wake();
    return first;
  }

  private async repeat(taskId: string): Promise<Delivery | undefined> {
    const { deliveries, callbacks } = this.engine;
    const [known] = await deliveries.deliveries(taskId);
    if (!known) return undefined;
    const again = await deliveries.repeatDelivery(known.id, new Date(this.clock.now()));
    callbacks.wake();
    return again;
  }

  /**
   * Resolves with the task when it has ended, or as it is after `waitMs`, when the client is gone or
   * when this process stops answering.
   */
  async wait(task: Task, waitMs: number, signal: AbortSignal): Promise<Task> {
    const timeout = AbortSignal.timeout(this.cappedWaitMs(waitMs));
    const deadline = AbortSignal.any([timeout, signal, this.engine.closing]);
    for (;;) {
      const news = this.engine.feed.next(task.id, deadline);
      const current = (await this.engine.store.find(task.id)) ?? task;
      if (hasEnded(current.status) || deadline.aborted) return current;
      await news;
    }
  }

  /** A load balancer cuts longer waits off. */
  cappedWaitMs(waitMs: number): number {
    return Math.min(waitMs, this.config.maxWaitMs);
  }

  /** The task as JSON, with its place in the queue and how long it may still take. */
  async toResource(task: Task): Promise<JsonObject> {
    return this.engine.mapper.toResource(task, await this.estimate(task));
  }

  private async estimate(task: Task): Promise<TaskEstimate> {
    if (hasEnded(task.status)) return { queuePosition: null, etaSeconds: null };
    const { store, handlers } = this.engine;
    const queuePosition = task.status === 'queued' ? await store.queuePosition(task.id) : null;
    const plan = handlers.find(task.kind)?.steps ?? [];
    const remaining = plan.filter((step) => step.percent > task.percent);
    const typical = await this.typicalStepMs(task.kind);
    const known = remaining.map((step) => typical.get(step.name)).filter((ms) => ms !== undefined);
    if (known.length === 0) return { queuePosition, etaSeconds: null };
    const ownMs = known.reduce((sum, ms) => sum + ms, 0);
    const rounds = 1 + Math.floor(((queuePosition ?? 1) - 1) / this.config.concurrency);
    return { queuePosition, etaSeconds: Math.ceil((ownMs * rounds) / 1_000) };
  }

  private async typicalStepMs(kind: string): Promise<ReadonlyMap<string, number>> {
    const known = this.history.get(kind);
    if (known) return known;
    const fresh = await this.engine.store.typicalStepMs(kind);
    this.history.set(kind, fresh);
    return fresh;
  }
}

const fingerprint = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');
