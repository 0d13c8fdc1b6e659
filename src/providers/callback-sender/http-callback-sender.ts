import { Webhook } from 'standardwebhooks';

import { type Clock } from '../../common/clock.js';
import { type GuardedHttpClient } from '../../common/http/outbound/guarded-client.js';
import { OutboundError } from '../../common/http/outbound/outbound-error.js';
import { traceHeaders } from '../../common/telemetry/trace-context.js';
import {
  type CallbackMessage,
  type CallbackResult,
  type CallbackSender,
} from './callback-sender.port.js';

export interface HttpCallbackSenderOptions {
  /** `whsec_...`; unsigned when undefined. */
  readonly secret: string | undefined;
  readonly timeoutMs: number;
}

/** Receivers that say "later"; other 4xx say "never". Source: the contract's list. */
const RETRY_STATUS = new Set([408, 409, 425, 429]);

const outcomeOf = (status: number): CallbackResult['outcome'] => {
  if (status >= 200 && status < 300) return 'delivered';
  return status >= 500 || RETRY_STATUS.has(status) ? 'retry' : 'gave_up';
};

/** One signed POST per attempt, through the same address gate as photos. */
export class HttpCallbackSender implements CallbackSender {
  private readonly webhook: Webhook | undefined;

  constructor(
    private readonly options: HttpCallbackSenderOptions,
    private readonly client: GuardedHttpClient,
    private readonly clock: Clock,
  ) {
    this.webhook = options.secret === undefined ? undefined : new Webhook(options.secret);
  }

  async send(message: CallbackMessage, signal: AbortSignal): Promise<CallbackResult> {
    const startedAt = performance.now();
    const answer = await this.post(message, signal);
    return { ...answer, latencyMs: Math.round(performance.now() - startedAt) };
  }

  private async post(
    message: CallbackMessage,
    signal: AbortSignal,
  ): Promise<Omit<CallbackResult, 'latencyMs'>> {
    try {
      const { status, retryAfterMs } = await this.client.post(message.url, {
        headers: {
          'content-type': 'application/json; charset=utf-8',
          ...traceHeaders(),
          ...this.sign(message),
        },
        body: message.body,
        timeoutMs: this.options.timeoutMs,
        signal,
      });
      const outcome = outcomeOf(status);
      return {
        status,
        outcome,
        reason: outcome === 'delivered' ? 'ok' : `http_${status}`,
        retryAfterMs,
      };
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      const isForbidden = error.kind === 'forbidden_url' || error.kind === 'forbidden_address';
      // A name that does not resolve today may tomorrow: a receiver that is being moved is not gone.
      const outcome = isForbidden ? 'gave_up' : 'retry';
      return { status: null, outcome, reason: error.kind, retryAfterMs: undefined };
    }
  }

  /** Standard Webhooks 1.0: the timestamp is the attempt's, the id and the body are the message's. */
  private sign(message: CallbackMessage): Record<string, string> {
    const sentAt = new Date(this.clock.now());
    return {
      'webhook-id': message.id,
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
      ...(this.webhook && {
        'webhook-signature': this.webhook.sign(message.id, sentAt, message.body),
      }),
    };
  }
}
