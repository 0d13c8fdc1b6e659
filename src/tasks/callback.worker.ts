import { once } from 'node:events';

import { type Clock } from '../common/clock.js';
import { type AppLogger } from '../common/logging/app-logger.js';
import { type CallbackConfig } from '../config/callback.config.js';
import {
  type CallbackResult,
  type CallbackSender,
} from '../providers/callback-sender/callback-sender.port.js';
import { type Delivery, type DeliveryOutcome, type DeliveryStore } from './delivery-store.port.js';
import { HostCircuits } from './host-circuits.js';
import { LoopLiveness } from './loop-liveness.js';
import { patiently } from './patience.js';
import { backoffMs } from './retry-policy.js';
import { StoreUnavailable } from './store/store-unavailable.js';
import { callbackAttempts } from './task.diagnostics.js';

/** Longest sleep of the loop: what another process or an operator wrote is seen after it, in milliseconds. */
const MAX_SLEEP_MS = 1_000;
const BACKOFF_FACTOR = 3;
/** Attempts in flight in this process. */
const CONCURRENCY = 32;
/** Beyond the attempt's own time limit, for writing its outcome down, in milliseconds. */
const LEASE_MARGIN_MS = 15_000;
/** How long the outcomes of the last attempts may be written after the stop, in milliseconds. */
const WRITE_GRACE_MS = 1_000;

export interface CallbackWorkerParts {
  readonly store: DeliveryStore;
  readonly sender: CallbackSender;
  readonly config: CallbackConfig;
  readonly clock: Clock;
  readonly logger: AppLogger;
  /** This process. */
  readonly name: string;
  /** The only process: what others had in flight is over. */
  readonly isAlone: boolean;
}

/** Sends what the store says has to be told, one attempt in flight for each delivery. */
export class CallbackWorker {
  private readonly inFlight = new Map<string, Promise<unknown>>();
  private readonly circuits: HostCircuits;
  /** First no attempt is begun, then those in flight are aborted, at last nothing is written. */
  private readonly closing = new AbortController();
  private readonly stopping = new AbortController();
  private readonly stopped = new AbortController();
  private readonly liveness = new LoopLiveness();
  private timer: NodeJS.Timeout | undefined;
  private turning: Promise<void> | undefined;
  private isAskedAgain = false;

  constructor(private readonly parts: CallbackWorkerParts) {
    const { circuitFailures, circuitPauseMs, perHost } = parts.config;
    this.circuits = new HostCircuits({
      failures: circuitFailures,
      pauseMs: circuitPauseMs,
      perHost,
    });
  }

  async start(): Promise<void> {
    if (this.parts.isAlone) await this.parts.store.freeAbandoned(this.parts.name);
    this.liveness.turned();
    this.wake();
  }

  isAlive(): boolean {
    return this.liveness.isAlive();
  }

  /** Looks for work now. */
  wake(): void {
    if (this.closing.signal.aborted) return;
    if (this.turning) {
      this.isAskedAgain = true;
      return;
    }
    clearTimeout(this.timer);
    this.turning = this.turn().finally(() => {
      this.turning = undefined;
      if (!this.isAskedAgain) return;
      this.isAskedAgain = false;
      this.wake();
    });
  }

  /** Lets attempts in flight come back for `timeoutMs`, then aborts them; they stay pending. */
  async stop(timeoutMs: number): Promise<void> {
    this.closing.abort();
    clearTimeout(this.timer);
    const timer = setTimeout(() => this.stopping.abort(), timeoutMs);
    const last = setTimeout(() => this.stopped.abort(), timeoutMs + WRITE_GRACE_MS);
    // A look-up that hangs does not hold up the end of the process.
    await Promise.race([this.turning, once(this.stopped.signal, 'abort')]);
    await Promise.allSettled(this.inFlight.values());
    clearTimeout(timer);
    clearTimeout(last);
    clearTimeout(this.timer);
  }

  private async turn(): Promise<void> {
    let sleepMs = MAX_SLEEP_MS;
    try {
      await this.launchDue();
      sleepMs = await this.untilNext();
      this.liveness.turned();
    } catch (error) {
      if (error instanceof StoreUnavailable) this.liveness.turned();
      else this.parts.logger.error('Callbacks could not be looked up', { error });
    }
    if (this.closing.signal.aborted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wake(), sleepMs);
    this.timer.unref();
  }

  private async launchDue(): Promise<void> {
    const { store, clock, config, name } = this.parts;
    while (this.inFlight.size < CONCURRENCY && !this.closing.signal.aborted) {
      const at = new Date(clock.now());
      const due = await store.claimDue({
        worker: name,
        at,
        leaseMs: config.timeoutMs + LEASE_MARGIN_MS,
        limit: CONCURRENCY - this.inFlight.size,
        exceptHosts: this.circuits.closedTo(at.getTime()),
      });
      if (due.length === 0) return;
      for (const delivery of due) this.launch(delivery);
    }
  }

  private async untilNext(): Promise<number> {
    const now = this.parts.clock.now();
    const nextDueAt = (await this.parts.store.nextDueAt())?.getTime() ?? Infinity;
    const probeAt = this.circuits.nextProbeAtMs(now) ?? Infinity;
    // One that is due and was not taken waits for its host, or is in flight elsewhere.
    const candidates = [nextDueAt, probeAt].filter((at) => at > now).map((at) => at - now);
    return Math.min(MAX_SLEEP_MS, ...candidates);
  }

  private launch(delivery: Delivery): void {
    const host = new URL(delivery.url).host;
    this.circuits.started(host);
    const attempt = callbackAttempts
      .run({ delivery }, () => this.attempt(delivery, host))
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

  private async attempt(delivery: Delivery, host: string): Promise<CallbackResult | undefined> {
    const { sender, store, clock, name } = this.parts;
    const at = new Date(clock.now());
    let isUp: boolean | undefined;
    try {
      const result = await sender.send(delivery, this.stopping.signal);
      // Taken away by the shutdown: not the receiver's fault, so it does not count.
      if (this.stopping.signal.aborted && result.outcome === 'retry') {
        await store.freeDelivery(delivery.id, name);
        return undefined;
      }
      isUp = isHostUp(result);
      await this.writeDown(delivery, at, result);
      return result;
    } finally {
      this.circuits.ended(host, isUp, clock.now());
    }
  }

  private async writeDown(delivery: Delivery, at: Date, result: CallbackResult): Promise<void> {
    const { store, logger, name } = this.parts;
    const { status, latencyMs, reason } = result;
    const made = delivery.attempts.length + 1;
    const outcome = this.decide(result, made - delivery.earlierAttempts);
    const attempt = { at, status, latencyMs, reason };
    // What the receiver has said stays in memory until it can be written: it is not told twice.
    await patiently(
      () => store.addAttempt(delivery.id, name, attempt, outcome),
      this.stopped.signal,
    );
    logger.info('callback', {
      deliveryId: delivery.id,
      taskId: delivery.taskId,
      attempt: made,
      status,
      reason,
      latencyMs,
      outcome: outcome.status,
    });
  }

  private decide(result: CallbackResult, attempts: number): DeliveryOutcome {
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

/** A refusal of one message says nothing about the host; no answer and 5xx do. */
const isHostUp = (result: CallbackResult): boolean =>
  result.outcome !== 'retry' ||
  (result.status !== null && result.status < 500 && result.status !== 429);
