import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../common/clock.js';
import { ProviderError } from '../common/errors/errors.js';
import { accessConfig, type AccessConfig } from '../config/access.config.js';
import {
  classifyPhases,
  shedPhotos,
} from '../providers/desk-classifier/desk-classifier.diagnostics.js';

/** A queue that never emptied for this long is no burst but overload, in milliseconds. */
const BURST_MS = 1_000;
/** Overload is over when a CPU has had nothing to do for this long, in milliseconds. */
const CALM_MS = 1_000;
const RETRY_AFTER_MS = 1_000;

/** Runs the part of a request that needs a CPU, when one is free. */
export type UseCpu = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Decides whether one more photo is taken on, so that those taken on are answered soon. Up to the
 * cap requests may wait: a few patient clients are served in turn. When more than the cap come and
 * the CPUs have been behind for longer than a burst lasts, nobody waits any more: as many are let in
 * as there are CPUs, and the rest is told at once to come back. A download holds no CPU: a slow
 * photo server delays its own request only.
 */
@Injectable()
export class ClassifyAdmission {
  private readonly waiting: (() => void)[] = [];
  private inFlight = 0;
  private busy = 0;
  /** Since when somebody has been waiting for a CPU without a break. */
  private behindSince: number | undefined;
  private isOverloaded = false;
  /** Since when a CPU has been free. */
  private idleSince = 0;

  constructor(
    @Inject(accessConfig.KEY) private readonly config: AccessConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ProviderError `provider_unavailable` at once when there is no room */
  async admit<T>(request: (useCpu: UseCpu) => Promise<T>): Promise<T> {
    if (this.inFlight >= this.room()) {
      this.isOverloaded ||= this.hasBeenBehind();
      shedPhotos.tell({ at: 'admission' });
      throw tooBusy();
    }
    this.inFlight += 1;
    try {
      return await request((work) => this.useCpu(work));
    } finally {
      this.inFlight -= 1;
    }
  }

  /** How many requests may be in flight now. */
  private room(): number {
    const { concurrency, cpus } = this.config.classify;
    const isIdle = this.busy < cpus && this.clock.now() - this.idleSince > CALM_MS;
    if (isIdle) this.isOverloaded = false;
    return this.isOverloaded ? Math.min(cpus, concurrency) : concurrency;
  }

  private hasBeenBehind(): boolean {
    return this.behindSince !== undefined && this.clock.now() - this.behindSince > BURST_MS;
  }

  private async useCpu<T>(work: () => Promise<T>): Promise<T> {
    await this.takeCpu();
    try {
      return await work();
    } finally {
      this.releaseCpu();
    }
  }

  private async takeCpu(): Promise<void> {
    if (this.busy < this.config.classify.slots) {
      this.busy += 1;
      return;
    }
    this.behindSince ??= this.clock.now();
    await classifyPhases.run(
      { phase: 'wait' },
      () => new Promise<void>((resolve) => this.waiting.push(resolve)),
    );
  }

  /** The CPU is handed to the next one without being free in between. */
  private releaseCpu(): void {
    const next = this.waiting.shift();
    if (this.waiting.length === 0) this.behindSince = undefined;
    if (next) {
      next();
      return;
    }
    if (this.busy === this.config.classify.cpus) this.idleSince = this.clock.now();
    this.busy -= 1;
  }
}

const tooBusy = (): ProviderError =>
  new ProviderError('provider_unavailable', 'Too many photos are being classified: try again.', {
    provider: 'desk-ai',
    operation: 'classify',
    retryAfterMs: RETRY_AFTER_MS,
    messageKo: '판정 중인 사진이 너무 많습니다. 잠시 뒤 다시 시도하세요.',
  });
