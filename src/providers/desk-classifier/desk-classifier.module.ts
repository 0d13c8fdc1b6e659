import {
  Global,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { AppLogger } from '../../common/logging/app-logger.js';
import { classifierConfig, type ClassifierConfig } from '../../config/classifier.config.js';
import { databaseConfig, type DatabaseConfig } from '../../config/database.config.js';
import { intakeConfig, type IntakeConfig } from '../../config/intake.config.js';
import { DESK_CLASSIFIER } from './desk-classifier.port.js';
import { OnnxDeskClassifier } from './onnx-desk-classifier.js';

/** The only file that knows the adapter. Global: one model in memory serves everyone. */
@Global()
@Module({
  providers: [
    {
      provide: DESK_CLASSIFIER,
      inject: [classifierConfig.KEY, intakeConfig.KEY, databaseConfig.KEY],
      // Tasks are classified by workers; a process that only takes them in can do without.
      useFactory: (config: ClassifierConfig, intake: IntakeConfig, { role }: DatabaseConfig) =>
        OnnxDeskClassifier.start(config, intake, role === 'api'),
    },
  ],
  exports: [DESK_CLASSIFIER],
})
export class DeskClassifierModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly reload = (): void => void this.reloadModel();

  constructor(
    @Inject(DESK_CLASSIFIER) private readonly classifier: OnnxDeskClassifier,
    private readonly logger: AppLogger,
  ) {}

  /** `kill -HUP <pid>` takes a new model folder into use without dropping a request. */
  onApplicationBootstrap(): void {
    process.on('SIGHUP', this.reload);
    if (this.classifier.info() === null) {
      this.logger.warn('There is no classifier model here: POST /classify is answered with 503');
    }
  }

  /** After the tasks have been drained: the last of them may still need a verdict. */
  async onApplicationShutdown(): Promise<void> {
    process.off('SIGHUP', this.reload);
    await this.classifier.close();
  }

  private async reloadModel(): Promise<void> {
    try {
      this.logger.info('The desk classifier was loaded again', {
        ...(await this.classifier.reload()),
      });
    } catch (error) {
      this.logger.error('The desk classifier stays as it is: the new model cannot be used', {
        error,
      });
    }
  }
}
