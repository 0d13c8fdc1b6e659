import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings, toList } from './read-settings.js';
import { IntegerSetting, TextSetting } from './setting.js';

/** Calling the backend back when a task has ended. */
export class CallbackSettings {
  @TextSetting({
    kind: 'address',
    pattern: /^https?:\/\/\S+$/i,
    expected: 'an http(s) address',
    en: 'Where the backend is called back when a request names no `callback_url`.',
    ko: '요청에 `callback_url`이 없을 때 백엔드를 호출할 주소.',
  })
  readonly CALLBACK_URL?: string;

  @TextSetting({
    secret: true,
    kind: '`whsec_` and base64 of 24–64 bytes',
    pattern: /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/,
    expected: '`whsec_` followed by base64 of 24 to 64 bytes',
    en: 'Signs callbacks by Standard Webhooks; unsigned when unset.',
    ko: 'Standard Webhooks 방식의 콜백 서명 키. 비우면 서명하지 않습니다.',
  })
  readonly CALLBACK_SECRET?: string;

  @TextSetting({
    kind: 'list of host or host:port',
    en: "Hosts that a request's `callback_url` may name. These hosts may be private: the operator named them.",
    ko: '요청의 `callback_url`에 쓸 수 있는 호스트. 운영자가 지정했으므로 사설 주소도 됩니다.',
  })
  readonly CALLBACK_ALLOWED_HOSTS?: string;

  @IntegerSetting({
    default: 15_000,
    min: 100,
    max: 120_000,
    unit: 'ms',
    en: 'Time for one attempt of a callback.',
    ko: '콜백 한 번의 제한 시간.',
  })
  readonly CALLBACK_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 12,
    min: 1,
    max: 100,
    unit: 'attempts',
    en: 'Attempts before a callback is given up; with the pauses below about a day.',
    ko: '콜백을 포기하기 전까지의 시도 횟수. 아래 대기 시간과 합쳐 약 하루입니다.',
  })
  readonly CALLBACK_ATTEMPTS!: number;

  @IntegerSetting({
    default: 5_000,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    en: 'First pause between attempts; each next one is three times as long, with jitter.',
    ko: '콜백 재시도의 첫 대기 시간. 다음마다 세 배가 되며 무작위 편차가 있습니다.',
  })
  readonly CALLBACK_BACKOFF_MS!: number;

  @IntegerSetting({
    default: 14_400_000,
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    en: 'Longest pause between attempts of a callback.',
    ko: '콜백 재시도 사이의 최대 대기 시간.',
  })
  readonly CALLBACK_BACKOFF_MAX_MS!: number;

  @IntegerSetting({
    default: 4,
    min: 1,
    max: 32,
    unit: 'attempts',
    en: 'Callbacks in flight to one host at a time, for each process.',
    ko: '프로세스마다 한 호스트로 동시에 보내는 콜백 수.',
  })
  readonly CALLBACK_PER_HOST!: number;

  @IntegerSetting({
    default: 5,
    min: 1,
    max: 1_000,
    unit: 'failures',
    en: 'Failures in a row after which a host is left alone for a while, so that the others are not held up.',
    ko: '연속 실패가 이 횟수에 이르면 다른 호스트가 밀리지 않도록 그 호스트를 잠시 쉽니다.',
  })
  readonly CALLBACK_CIRCUIT_FAILURES!: number;

  @IntegerSetting({
    default: 30_000,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    en: 'How long that is; then one attempt at a time probes it.',
    ko: '쉬는 시간. 그 뒤에는 한 번에 하나씩 시험 삼아 보냅니다.',
  })
  readonly CALLBACK_CIRCUIT_PAUSE_MS!: number;
}

export const callbackConfig = registerAs('callback', () => {
  const settings = readSettings(CallbackSettings);
  return {
    url: settings.CALLBACK_URL,
    secret: settings.CALLBACK_SECRET,
    allowedHosts: toList(settings.CALLBACK_ALLOWED_HOSTS),
    timeoutMs: settings.CALLBACK_TIMEOUT_MS,
    attempts: settings.CALLBACK_ATTEMPTS,
    backoffMs: settings.CALLBACK_BACKOFF_MS,
    backoffMaxMs: settings.CALLBACK_BACKOFF_MAX_MS,
    perHost: settings.CALLBACK_PER_HOST,
    circuitFailures: settings.CALLBACK_CIRCUIT_FAILURES,
    circuitPauseMs: settings.CALLBACK_CIRCUIT_PAUSE_MS,
  };
});

export type CallbackConfig = ConfigType<typeof callbackConfig>;
