import { Module } from '@nestjs/common';

import { AccessModule } from './access/access.module.js';
import { ClassifyModule } from './classify/classify.module.js';
import { CommonModule } from './common/common.module.js';
import { SettingsModule } from './config/config.module.js';
import { GenerateV1Module } from './generate-v1/generate-v1.module.js';
import { GenerateV2Module } from './generate-v2/generate-v2.module.js';
import { GenerationCoreModule } from './generation/generation-core.module.js';
import { HealthModule } from './health/health.module.js';
import { ImagesModule } from './images/images.module.js';
import { InfoModule } from './info/info.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { MockScenariosModule } from './mock-scenarios/mock-scenarios.module.js';
import { PlaygroundModule } from './playground/playground.module.js';
import { DeskClassifierModule } from './providers/desk-classifier/desk-classifier.module.js';
import { ImageSourceModule } from './providers/image-source/image-source.module.js';
import { ImageStoreModule } from './providers/image-store/image-store.module.js';
import { ProviderStatusModule } from './providers/status/provider-status.module.js';
import { TasksModule } from './tasks/tasks.module.js';
import { TracingModule } from './tracing/tracing.module.js';
import { UploadsModule } from './uploads/uploads.module.js';

/** The table of contents. */
@Module({
  imports: [
    SettingsModule.forRoot(),
    CommonModule,
    AccessModule,
    // Ports that more than one feature uses.
    ImageStoreModule,
    ImageSourceModule,
    DeskClassifierModule,
    ProviderStatusModule,
    // The engine and the pipeline.
    TasksModule,
    MockScenariosModule,
    GenerationCoreModule,
    // Features.
    ClassifyModule,
    GenerateV1Module,
    GenerateV2Module,
    UploadsModule,
    ImagesModule,
    HealthModule,
    InfoModule,
    MetricsModule,
    TracingModule,
    PlaygroundModule,
  ],
})
export class AppModule {}
