import { v7 as uuidv7 } from 'uuid';

import { continueTrace } from '../common/telemetry/trace-context.js';
import { type CallbackConfig } from '../config/callback.config.js';
import { type TaskMapper } from './task.mapper.js';
import { type JsonObject, type Task, type TaskOrigin } from './task.js';
import { type Delivery } from './delivery-store.port.js';

/** Decides who is told about the end of a task, and with which bytes. */
export class TaskCallbacks {
  private onWork: () => void = () => undefined;

  constructor(
    private readonly config: CallbackConfig,
    private readonly mapper: TaskMapper,
  ) {}

  /** Where a request's callback goes: its own address if that host is allowed, else the configured one. */
  resolveUrl(requested: string | null | undefined): string | null {
    if (typeof requested === 'string' && this.isAllowed(requested)) return requested;
    return this.config.url ?? null;
  }

  /** Pure, so that the store can call it inside the transaction that ends the task. */
  toDelivery(task: Task): Delivery | null {
    if (task.callbackUrl === null) return null;
    return toDelivery(
      task.id,
      task.callbackUrl,
      this.mapper.toResource(task),
      toCallbackOrigin(task.origin),
    );
  }

  /** Tells the callback worker that something was written down. */
  wake(): void {
    this.onWork();
  }

  onWake(listener: () => void): void {
    this.onWork = listener;
  }

  private isAllowed(url: string): boolean {
    if (!URL.canParse(url)) return false;
    const { host, hostname } = new URL(url);
    return this.config.allowedHosts.some((allowed) => allowed === host || allowed === hostname);
  }
}

/** The callback belongs to the run that ended the task, where that is a part of the same trace. */
const toCallbackOrigin = (origin: TaskOrigin | null): TaskOrigin | null =>
  origin && { ...origin, trace: origin.trace && continueTrace(origin.trace) };

export const toDelivery = (
  taskId: string | null,
  url: string,
  body: JsonObject,
  origin: TaskOrigin | null,
): Delivery => ({
  id: `msg_${uuidv7()}`,
  taskId,
  url,
  origin,
  body: JSON.stringify(body),
  status: 'pending',
  nextAttemptAt: null,
  earlierAttempts: 0,
  attempts: [],
});
