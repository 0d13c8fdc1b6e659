import { Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../../common/clock.js';
import { GuardedHttpClient } from '../../common/http/outbound/guarded-client.js';
import { callbackConfig, type CallbackConfig } from '../../config/callback.config.js';
import { CALLBACK_SENDER } from './callback-sender.port.js';
import { HttpCallbackSender } from './http-callback-sender.js';

/** Hosts that the operator named, in either setting: they may be private, all others are refused. */
const namedHosts = (config: CallbackConfig): readonly string[] => [
  ...(config.url === undefined ? [] : [hostAndPort(new URL(config.url))]),
  ...config.allowedHosts,
];

/** With the port spelt out: a name alone would open the host on every port. */
const hostAndPort = ({ hostname, port, protocol }: URL): string =>
  `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;

/** The only file that knows the adapter. */
@Module({
  providers: [
    {
      provide: CALLBACK_SENDER,
      inject: [callbackConfig.KEY, CLOCK],
      useFactory: (config: CallbackConfig, clock: Clock) =>
        new HttpCallbackSender(
          { secret: config.secret, timeoutMs: config.timeoutMs },
          new GuardedHttpClient({
            allowedHosts: namedHosts(config),
            allowedPrivateHosts: namedHosts(config),
          }),
          clock,
        ),
    },
  ],
  exports: [CALLBACK_SENDER],
})
export class CallbackSenderModule {}
