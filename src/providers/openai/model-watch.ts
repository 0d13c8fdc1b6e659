import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type OpenAI from 'openai';
import { z } from 'zod';

import { type Clock } from '../../common/clock.js';
import { type AppLogger } from '../../common/logging/app-logger.js';

export interface ModelFinding {
  readonly model: string;
  /** Setting that names it. */
  readonly setting: string;
  readonly problem: 'missing' | 'shutting_down';
  /** `YYYY-MM-DD`, when the vendor says so. */
  readonly shutdownDate: string | null;
  /** For a person. */
  readonly message: string;
}

export interface WatchedModel {
  readonly model: string;
  readonly setting: string;
}

export type ModelWatchState = 'off' | 'pending' | 'ok' | 'degraded' | 'unknown';

const DAY_MS = 86_400_000;
const NOTICE_DAYS = 60;
const TIMEOUT_MS = 15_000;

/** `GET /v1/models`; `shutdown_date` is `YYYY-MM-DD` or null (openai resources/models.d.ts). */
const modelList = z.object({
  data: z.array(z.object({ id: z.string(), shutdown_date: z.string().nullish() })),
});

/**
 * Looks once at start and then daily whether the configured models are still served: vendors give as
 * little as three months' notice. Never stands in the way of the start; an answer that cannot be had
 * is no finding.
 */
export class ModelWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private current: readonly ModelFinding[] = [];
  private shutdownDates: ReadonlyMap<string, string | null> = new Map();
  private currentState: ModelWatchState;
  private timer: NodeJS.Timeout | undefined;
  private readonly abort = new AbortController();
  private readonly told = new Set<string>();

  constructor(
    private readonly client: OpenAI | undefined,
    private readonly models: readonly WatchedModel[],
    private readonly clock: Clock,
    private readonly logger: AppLogger,
  ) {
    this.currentState = client && models.length > 0 ? 'pending' : 'off';
  }

  onApplicationBootstrap(): void {
    if (this.currentState === 'off') return;
    void this.check();
    this.timer = setInterval(() => void this.check(), DAY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.abort.abort();
  }

  /** What an operator has to know; empty while all is well or nothing is known. */
  findings(): readonly ModelFinding[] {
    return this.current;
  }

  /** `YYYY-MM-DD`, however far away; null when the vendor names none or was not asked. */
  shutdownDateOf(model: string): string | null {
    return this.shutdownDates.get(model) ?? null;
  }

  state(): ModelWatchState {
    return this.currentState;
  }

  async check(): Promise<void> {
    if (!this.client || this.currentState === 'off') return;
    try {
      const answer: unknown = await this.client.get('/models', {
        signal: this.abort.signal,
        timeout: TIMEOUT_MS,
      });
      this.judge(modelList.parse(answer).data);
    } catch (error) {
      if (this.abort.signal.aborted) return;
      // A gateway without the route will not have it tomorrow either.
      this.currentState = isNotFound(error) ? 'off' : 'unknown';
      if (this.currentState === 'off') clearInterval(this.timer);
      this.logger.info('The list of models could not be read', { state: this.currentState });
    }
  }

  private judge(served: z.infer<typeof modelList>['data']): void {
    const byId = new Map(served.map(({ id, shutdown_date: date }) => [id, date ?? null]));
    this.shutdownDates = byId;
    this.current = this.models.flatMap((watched) => {
      const finding = this.find(watched, byId);
      return finding ? [finding] : [];
    });
    this.currentState = this.current.length === 0 ? 'ok' : 'degraded';
    for (const { message } of this.current) {
      if (this.told.has(message)) continue;
      this.told.add(message);
      this.logger.warn(message);
    }
  }

  private find(
    { model, setting }: WatchedModel,
    served: ReadonlyMap<string, string | null>,
  ): ModelFinding | undefined {
    const date = served.get(model);
    if (date === undefined) {
      const message = `${model} (${setting}) is not in the vendor's list of models: set ${setting} to a current one.`;
      return { model, setting, problem: 'missing', shutdownDate: null, message };
    }
    const endsAt = date === null ? Number.NaN : Date.parse(date);
    if (!(endsAt - this.clock.now() <= NOTICE_DAYS * DAY_MS)) return undefined;
    const message = `${model} (${setting}) is shut down on ${date}: set ${setting} to a current model before.`;
    return { model, setting, problem: 'shutting_down', shutdownDate: date, message };
  }
}

/** By its status and not by its class: for that the SDK would be loaded even where nobody uses it. */
const isNotFound = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === 404;
