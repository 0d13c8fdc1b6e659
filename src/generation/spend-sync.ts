import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { CLOCK, type Clock } from '../common/clock.js';
import { AppLogger } from '../common/logging/app-logger.js';
import { SPEND_LEDGER, type SpendLedger } from '../providers/spend/spend-ledger.port.js';
import { TaskEngine } from '../tasks/task-engine.js';

/** How stale the sum of the other processes may be, in milliseconds. */
const INTERVAL_MS = 10_000;
const DAY_LENGTH = 'YYYY-MM-DD'.length;

/** Keeps the day's budget honest across restarts and processes: the tasks' ledger of paid calls is the record. */
@Injectable()
export class SpendSync implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly engine: TaskEngine,
    @Inject(SPEND_LEDGER) private readonly ledger: SpendLedger,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly logger: AppLogger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.sync();
    this.timer = setInterval(() => void this.sync(), INTERVAL_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async sync(): Promise<void> {
    const day = new Date(this.clock.now()).toISOString().slice(0, DAY_LENGTH);
    try {
      this.ledger.atLeast(day, await this.engine.store.spentUsd(new Date(`${day}T00:00:00Z`)));
    } catch (error) {
      // The store is away: what this process knows is used until it is back.
      this.logger.warn('The sum of paid calls could not be read', { error });
    }
  }
}
