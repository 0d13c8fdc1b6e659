import { type ConfigType, registerAs } from '@nestjs/config';

import { ConfigurationError } from '../common/errors/errors.js';
import { readSettings } from './read-settings.js';
import { ChoiceSetting, IntegerSetting, TextSetting } from './setting.js';

export const ROLES = ['all', 'api', 'worker'] as const;
export type Role = (typeof ROLES)[number];

/** Where tasks are kept, and which half of the work this process does. */
export class DatabaseSettings {
  @TextSetting({
    secret: true,
    kind: 'address',
    pattern: /^postgres(?:ql)?:\/\/\S+$/i,
    expected: 'a postgresql:// address',
    defaultText: 'unset: the embedded store under `DATA_DIR`, for one process',
    en: 'PostgreSQL, when several processes share the work.',
    ko: '여러 프로세스가 작업을 나눌 때 사용하는 PostgreSQL.',
  })
  readonly DATABASE_URL?: string;

  @IntegerSetting({
    default: 10,
    min: 2,
    max: 200,
    unit: 'connections',
    en: 'Connections of this process to PostgreSQL; the queue takes up to 4 more.',
    ko: '이 프로세스의 PostgreSQL 연결 수. 큐가 최대 4개를 더 사용합니다.',
  })
  readonly DATABASE_POOL_SIZE!: number;

  @ChoiceSetting({
    default: 'all',
    values: ROLES,
    en: '`api` answers requests, `worker` runs tasks and calls back, `all` does both. Other than `all` needs `DATABASE_URL`. `api` needs no key of a provider, and without the classifier model it answers everything but `/classify`.',
    ko: '`api`는 요청에 답하고, `worker`는 작업 실행과 콜백을, `all`은 둘 다 합니다. `all` 이외에는 `DATABASE_URL`이 필요합니다. `api`에는 제공자 키가 필요 없고, 분류기 모델이 없으면 `/classify`를 뺀 모든 요청에 답합니다.',
  })
  readonly ROLE!: Role;
}

export const databaseConfig = registerAs('database', () => {
  const settings = readSettings(DatabaseSettings);
  if (settings.ROLE !== 'all' && settings.DATABASE_URL === undefined) {
    throw new ConfigurationError([
      `DATABASE_URL must be set when ROLE is ${settings.ROLE}: the embedded store is for one process`,
    ]);
  }
  return {
    url: settings.DATABASE_URL,
    poolSize: settings.DATABASE_POOL_SIZE,
    role: settings.ROLE,
  };
});

export type DatabaseConfig = ConfigType<typeof databaseConfig>;
