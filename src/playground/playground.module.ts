import { Module } from '@nestjs/common';

import { PlaygroundController } from './playground.controller.js';
import { PlaygroundFiles } from './playground-files.js';
import { PlaygroundPolicy } from './playground-policy.js';

/** A page on which a person tries the service; it uses the public HTTP API and nothing else. */
@Module({
  controllers: [PlaygroundController],
  providers: [PlaygroundFiles, PlaygroundPolicy],
})
export class PlaygroundModule {}
