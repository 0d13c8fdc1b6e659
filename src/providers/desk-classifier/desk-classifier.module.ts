import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';

import { classifierConfig, type ClassifierConfig } from '../../config/classifier.config.js';
import { intakeConfig, type IntakeConfig } from '../../config/intake.config.js';
import { DESK_CLASSIFIER } from './desk-classifier.port.js';
import { OnnxDeskClassifier } from './onnx-desk-classifier.js';

/** The only file that knows the adapter. Global: one model in memory serves everyone. */
@Global()
@Module({
  providers: [
    {
      provide: DESK_CLASSIFIER,
      inject: [classifierConfig.KEY, intakeConfig.KEY],
      useFactory: (config: ClassifierConfig, intake: IntakeConfig) =>
        OnnxDeskClassifier.start(config, intake),
    },
  ],
  exports: [DESK_CLASSIFIER],
})
export class DeskClassifierModule implements OnApplicationShutdown {
  constructor(@Inject(DESK_CLASSIFIER) private readonly classifier: OnnxDeskClassifier) {}

  /** After the tasks have been drained: the last of them may still need a verdict. */
  async onApplicationShutdown(): Promise<void> {
    await this.classifier.close();
  }
}
