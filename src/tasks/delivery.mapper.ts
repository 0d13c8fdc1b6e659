import { type JsonObject } from './task.js';
import { type Delivery } from './delivery-store.port.js';

/** The query of a callback address may be a secret of the receiver. */
const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? '';

export const toDeliveryResource = (delivery: Delivery): JsonObject => ({
  id: delivery.id,
  url: withoutQuery(delivery.url),
  status: delivery.status,
  next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
  attempts: delivery.attempts.map((attempt) => ({
    at: attempt.at.toISOString(),
    status: attempt.status,
    latency_ms: attempt.latencyMs,
    reason: attempt.reason,
  })),
});
