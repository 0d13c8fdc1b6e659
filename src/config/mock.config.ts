import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings } from './read-settings.js';
import { FlagSetting, IntegerSetting } from './setting.js';

/** Outcomes on request, for those who build screens. */
export class MockSettings {
  @FlagSetting({
    default: false,
    en: 'Lets the header `X-Mock-Scenario` decide how a request turns out, with real states, events and callbacks and without paid calls; refused in production.',
    ko: '`X-Mock-Scenario` 헤더로 요청의 결과를 정합니다. 상태, 이벤트, 콜백은 실제와 같고 유료 호출은 하지 않습니다. 운영 환경에서는 켤 수 없습니다.',
  })
  readonly MOCK_SCENARIOS!: boolean;

  @IntegerSetting({
    default: 40,
    min: 1,
    // Its longest step has to stay below the default TASK_STEP_TIMEOUT_MS.
    max: 240,
    unit: 's',
    en: 'What the scenario `slow` adds to a task; the default is longer than anybody may wait (`MAX_WAIT_SECONDS`).',
    ko: '`slow` 시나리오가 작업에 더하는 시간. 기본값은 최대 대기 시간(`MAX_WAIT_SECONDS`)보다 깁니다.',
  })
  readonly MOCK_SLOW_SECONDS!: number;
}

export const mockConfig = registerAs('mock', () => {
  const settings = readSettings(MockSettings);
  return {
    playsScenarios: settings.MOCK_SCENARIOS,
    slowMs: settings.MOCK_SLOW_SECONDS * 1_000,
  };
});

export type MockConfig = ConfigType<typeof mockConfig>;
