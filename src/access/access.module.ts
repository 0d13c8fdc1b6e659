import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';

import { accessConfig, type AccessConfig } from '../config/access.config.js';
import { AccessGuard } from './access.guard.js';
import { ApiKeyRing } from './api-keys.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { UndeclaredRoutes } from './undeclared-routes.js';

/** Who may call which route, and how often. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: ApiKeyRing,
      inject: [accessConfig.KEY],
      useFactory: (config: AccessConfig) => new ApiKeyRing(config.keys),
    },
    UndeclaredRoutes,
    // In this order: guessing keys is limited too.
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
})
export class AccessModule {}
