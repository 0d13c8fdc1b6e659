import { Global, Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../../common/clock.js';
import { openAiConfig, type OpenAiConfig } from '../../config/openai.config.js';
import { DailyBudget } from './daily-budget.js';
import { InProcessSpendLedger } from './in-process-spend-ledger.js';
import { SPEND_LEDGER, type SpendLedger } from './spend-ledger.port.js';

@Global()
@Module({
  providers: [
    { provide: SPEND_LEDGER, useClass: InProcessSpendLedger },
    {
      provide: DailyBudget,
      inject: [openAiConfig.KEY, SPEND_LEDGER, CLOCK],
      useFactory: (config: OpenAiConfig, ledger: SpendLedger, clock: Clock) =>
        new DailyBudget(config.dailyBudgetUsd, ledger, clock),
    },
  ],
  exports: [SPEND_LEDGER, DailyBudget],
})
export class SpendModule {}
