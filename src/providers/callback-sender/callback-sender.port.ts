export const CALLBACK_SENDER = Symbol('CALLBACK_SENDER');

export interface CallbackMessage {
  /** `webhook-id`: the same at every attempt. */
  readonly id: string;
  readonly url: string;
  /** The exact bytes that are signed and sent. */
  readonly body: string;
}

export interface CallbackResult {
  /** HTTP status of the receiver, null when there was no answer. */
  readonly status: number | null;
  readonly latencyMs: number;
  readonly outcome: 'delivered' | 'retry' | 'gave_up';
  /** Stable word for the delivery log: `ok`, `http_500`, `timeout`, `connection_failed`, `forbidden_address`. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
}

export interface CallbackSender {
  /**
   * Makes one attempt. A receiver that fails is an answer, not an exception. Redirects are not
   * followed (Standard Webhooks: a 3xx is a failure).
   */
  send(message: CallbackMessage, signal: AbortSignal): Promise<CallbackResult>;
}
