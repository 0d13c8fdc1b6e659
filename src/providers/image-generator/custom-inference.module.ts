import { Global, Module } from '@nestjs/common';

import { CLOCK, type Clock } from '../../common/clock.js';
import {
  generationConfig,
  type GenerationConfig,
  type InferenceProtocolKind,
} from '../../config/generation.config.js';
import { type InferenceProtocol } from './inference/inference-protocol.js';
import { InferenceServer } from './inference/inference-server.js';
import { kserveBinaryProtocol, kserveProtocol } from './inference/kserve.protocol.js';
import { openAiProtocol } from './inference/openai.protocol.js';
import { sdapiProtocol } from './inference/sdapi.protocol.js';

const PROTOCOLS: Record<InferenceProtocolKind, InferenceProtocol> = {
  openai: openAiProtocol,
  sdapi: sdapiProtocol,
  kserve: kserveProtocol,
  'kserve-binary': kserveBinaryProtocol,
};

/** One server, one queue: v1 and v2 share the GPU, so they share this. */
@Global()
@Module({
  providers: [
    {
      provide: InferenceServer,
      inject: [generationConfig.KEY, CLOCK],
      useFactory: (config: GenerationConfig, clock: Clock) =>
        new InferenceServer(config, PROTOCOLS[config.customInferenceProtocol], clock),
    },
  ],
  exports: [InferenceServer],
})
export class CustomInferenceModule {}
