import { type TaskOrigin } from './task.js';

export const DELIVERY_STORE = Symbol('DELIVERY_STORE');

/** A callback that has to be told, with every attempt made so far. */
export interface Delivery {
  /** `webhook-id`. */
  readonly id: string;
  /** Null for a callback that belongs to no task, such as a classification's. */
  readonly taskId: string | null;
  readonly url: string;
  /** Whose outcome it tells. */
  readonly origin?: TaskOrigin | null;
  /** The exact bytes of every attempt. */
  readonly body: string;
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly nextAttemptAt: Date | null;
  /** How many of the attempts were made before it was asked for again. */
  readonly earlierAttempts: number;
  readonly attempts: readonly DeliveryAttempt[];
}

export interface DeliveryAttempt {
  readonly at: Date;
  readonly status: number | null;
  readonly latencyMs: number;
  readonly reason: string;
}

export interface DueQuery {
  readonly worker: string;
  readonly at: Date;
  readonly leaseMs: number;
  readonly limit: number;
  /** Hosts (`host:port`) that get nothing now. */
  readonly exceptHosts: readonly string[];
}

export interface DeliveryOutcome {
  readonly status: Delivery['status'];
  readonly nextAttemptAt: Date | null;
}

/** What has to be told. Every write is durable when its promise resolves. */
export interface DeliveryStore {
  /** Of a task, oldest first. */
  deliveries(taskId: string): Promise<readonly Delivery[]>;
  addDelivery(delivery: Delivery): Promise<void>;
  /** Takes deliveries that are due, at most one of each host; nobody else gets them during the lease. */
  claimDue(query: DueQuery): Promise<readonly Delivery[]>;
  /** When the next one is due, undefined when none is pending. */
  nextDueAt(): Promise<Date | undefined>;
  /** Writes an attempt down and frees the delivery. */
  addAttempt(
    id: string,
    worker: string,
    attempt: DeliveryAttempt,
    outcome: DeliveryOutcome,
  ): Promise<void>;
  /** Frees a delivery whose attempt was taken away from it; it does not count. */
  freeDelivery(id: string, worker: string): Promise<void>;
  /** At the start of the only process: attempts of earlier ones are over, whatever their lease says. */
  freeAbandoned(worker: string): Promise<void>;
  /** Tells it once more, whatever came of it. */
  repeatDelivery(id: string, at: Date): Promise<Delivery | undefined>;
}
