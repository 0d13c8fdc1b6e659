import { type Clock } from '../common/clock.js';
import { type AppLogger } from '../common/logging/app-logger.js';
import { type CallbackConfig } from '../config/callback.config.js';
import {
  type CallbackResult,
  type CallbackSender,
} from '../providers/callback-sender/callback-sender.port.js';
import { backoffMs } from './retry-policy.js';
import { type Delivery, type TaskStore } from './task-store.port.js';

/** Longest sleep of the loop; a delivery that another process wrote is seen after it, in milliseconds. */
const MAX_SLEEP_MS = 30_000;
const BACKOFF_FACTOR = 3;

export interface CallbackWorkerParts {
  readonly store: TaskStore;
  readonly sender: CallbackSender;
  readonly config: CallbackConfig;
  readonly clock: Clock;
  readonly logger: AppLogger;
}

/** Sends what the store says has to be told, one attempt in flight for each delivery. */
export class CallbackWorker {
  private readonly inFlight = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: CallbackWorkerParts) {}

  start(): void {
    this.wake();
  }

  /** Looks for work now. */
  wake(): void {
    if (this.stopping.signal.aborted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.sendDue(), 0);
  }

  /** Lets attempts in flight come back for `timeoutMs`, then aborts them; they stay pending. */
  async stop(timeoutMs: number): Promise<void> {
    clearTimeout(this.timer);
    const timer = setTimeout(() => this.stopping.abort(), timeoutMs);
    await Promise.allSettled(this.inFlight.values());
    clearTimeout(timer);
    this.stopping.abort();
    clearTimeout(this.timer);
  }

  private async sendDue(): Promise<void> {
    const now = this.parts.clock.now();
    const pending = await this.parts.store.pendingDeliveries();
    for (const delivery of pending) {
      const isDue = (delivery.nextAttemptAt?.getTime() ?? 0) <= now;
      if (isDue && !this.inFlight.has(delivery.id)) this.launch(delivery);
    }
    const waits = pending
      .filter((delivery) => !this.inFlight.has(delivery.id))
      .map((delivery) => (delivery.nextAttemptAt?.getTime() ?? now) - now);
    if (this.stopping.signal.aborted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.sendDue(), Math.min(MAX_SLEEP_MS, ...waits));
    this.timer.unref();
  }

  private launch(delivery: Delivery): void {
    const attempt = this.attempt(delivery)
      .catch((error: unknown) =>
        this.parts.logger.error('A callback could not be attempted', {
          deliveryId: delivery.id,
          error,
        }),
      )
      .finally(() => {
        this.inFlight.delete(delivery.id);
        this.wake();
      });
    this.inFlight.set(delivery.id, attempt);
  }

  private async attempt(delivery: Delivery): Promise<void> {
    const { sender, store, clock, logger } = this.parts;
    const at = new Date(clock.now());
    const result = await sender.send(delivery, this.stopping.signal);
    // Taken away by the shutdown: not the receiver's fault, so it does not count.
    if (this.stopping.signal.aborted && result.outcome === 'retry') return;
    const attempts = [
      ...delivery.attempts,
      { at, status: result.status, latencyMs: result.latencyMs, reason: result.reason },
    ];
    const next = this.decide(result, attempts.length);
    await store.updateDelivery({ ...delivery, attempts, ...next });
    logger.info('callback', {
      deliveryId: delivery.id,
      taskId: delivery.taskId,
      attempt: attempts.length,
      status: result.status,
      reason: result.reason,
      latencyMs: result.latencyMs,
      outcome: next.status,
    });
  }

  private decide(
    result: CallbackResult,
    attempts: number,
  ): Pick<Delivery, 'status' | 'nextAttemptAt'> {
    if (result.outcome === 'delivered') return { status: 'delivered', nextAttemptAt: null };
    if (result.outcome === 'gave_up' || attempts >= this.parts.config.attempts) {
      return { status: 'failed', nextAttemptAt: null };
    }
    const { backoffMs: firstMs, backoffMaxMs: maxMs } = this.parts.config;
    const pauseMs = Math.max(
      backoffMs({ firstMs, maxMs, factor: BACKOFF_FACTOR }, attempts, Math.random()),
      result.retryAfterMs ?? 0,
    );
    return { status: 'pending', nextAttemptAt: new Date(this.parts.clock.now() + pauseMs) };
  }
}
