import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';

import { ConfigurationError } from '../common/errors/errors.js';
import { AccessSettings, accessConfig } from './access.config.js';
import { AppSettings, appConfig } from './app.config.js';
import { CallbackSettings, callbackConfig } from './callback.config.js';
import { ClassifierSettings, classifierConfig } from './classifier.config.js';
import { DatabaseSettings, databaseConfig } from './database.config.js';
import { GenerationSettings, generationConfig } from './generation.config.js';
import { HealthSettings, healthConfig } from './health.config.js';
import { IntakeSettings, intakeConfig } from './intake.config.js';
import { MockSettings, mockConfig } from './mock.config.js';
import { MetricsSettings, metricsConfig } from './metrics.config.js';
import { OpenAiSettings, openAiConfig } from './openai.config.js';
import { PlaygroundSettings, playgroundConfig } from './playground.config.js';
import { ProductsSettings, productsConfig } from './products.config.js';
import { findProviderFaults } from './provider-faults.js';
import { type Environment, findSettingFaults } from './read-settings.js';
import { findStartupFaults } from './startup-rules.js';
import { StorageSettings, storageConfig } from './storage.config.js';
import { TasksSettings, tasksConfig } from './tasks.config.js';
import { TracingSettings, tracingConfig } from './tracing.config.js';

/** Every namespace with the heading it has in the documentation. */
export const SETTING_GROUPS = [
  { title: 'Service', titleKo: '서비스', settings: AppSettings },
  { title: 'Playground', titleKo: '플레이그라운드', settings: PlaygroundSettings },
  { title: 'Mock scenarios', titleKo: '모의 시나리오', settings: MockSettings },
  { title: 'Access and limits', titleKo: '접근과 한도', settings: AccessSettings },
  { title: 'Photos that come in', titleKo: '들어오는 사진', settings: IntakeSettings },
  { title: 'Desk classifier', titleKo: '책상 분류기', settings: ClassifierSettings },
  { title: 'Prompt and drawing', titleKo: '프롬프트와 이미지', settings: GenerationSettings },
  { title: 'OpenAI', titleKo: 'OpenAI', settings: OpenAiSettings },
  { title: 'Products', titleKo: '상품', settings: ProductsSettings },
  { title: 'Storage', titleKo: '저장소', settings: StorageSettings },
  { title: 'Database and roles', titleKo: '데이터베이스와 역할', settings: DatabaseSettings },
  { title: 'Tasks', titleKo: '작업', settings: TasksSettings },
  { title: 'Callbacks', titleKo: '콜백', settings: CallbackSettings },
  { title: 'Health', titleKo: '상태 점검', settings: HealthSettings },
  { title: 'Metrics', titleKo: '지표', settings: MetricsSettings },
  { title: 'Traces', titleKo: '트레이스', settings: TracingSettings },
] as const;

const NAMESPACES = [
  appConfig,
  playgroundConfig,
  mockConfig,
  accessConfig,
  intakeConfig,
  classifierConfig,
  generationConfig,
  openAiConfig,
  productsConfig,
  storageConfig,
  databaseConfig,
  tasksConfig,
  callbackConfig,
  healthConfig,
  metricsConfig,
  tracingConfig,
];

/** Checks all namespaces and reports every fault at once. @throws ConfigurationError */
export const assertSettings = (environment: Environment): void => {
  const faults = [
    ...SETTING_GROUPS.flatMap(({ settings }) => findSettingFaults<object>(settings, environment)),
    ...findProviderFaults(environment),
    ...findStartupFaults(environment),
  ];
  if (faults.length > 0) throw new ConfigurationError(faults);
};

@Module({})
export class SettingsModule {
  static forRoot(): DynamicModule {
    return {
      module: SettingsModule,
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          load: NAMESPACES,
          validate: (environment) => {
            assertSettings(environment as Environment);
            return environment;
          },
        }),
      ],
    };
  }
}
