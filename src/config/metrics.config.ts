import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings } from './read-settings.js';
import { FlagSetting } from './setting.js';

/** What Prometheus reads. */
export class MetricsSettings {
  @FlagSetting({
    default: true,
    en: 'Measures and serves `/metrics`, to keys with the scope `metrics`. Off: nothing is measured and the route answers 404.',
    ko: '측정값을 `metrics` 권한(scope)이 있는 키에 `/metrics`로 제공합니다. 끄면 측정하지 않고 404로 답합니다.',
  })
  readonly METRICS!: boolean;
}

export const metricsConfig = registerAs('metrics', () => ({
  isOn: readSettings(MetricsSettings).METRICS,
}));

export type MetricsConfig = ConfigType<typeof metricsConfig>;
