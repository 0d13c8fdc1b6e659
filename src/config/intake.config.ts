import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings, toList } from './read-settings.js';
import { IntegerSetting, TextSetting } from './setting.js';

/** Limits on photos that come in from addresses that strangers type. */
export class IntakeSettings {
  @TextSetting({
    kind: 'list of hosts',
    en: 'When set, photos are downloaded from these hosts only (comma-separated; `*.example.com` covers subdomains).',
    ko: '설정하면 이 호스트의 사진만 내려받습니다(쉼표로 구분, `*.example.com`은 하위 도메인 포함).',
  })
  readonly IMAGE_ALLOWED_HOSTS?: string;

  @TextSetting({
    kind: 'list of host or host:port',
    en: 'Hosts that may resolve to private or loopback addresses, for development and tests.',
    ko: '사설·루프백 주소로 연결되어도 되는 호스트(개발·테스트용).',
  })
  readonly IMAGE_ALLOWED_PRIVATE_HOSTS?: string;

  @IntegerSetting({
    default: 15_728_640,
    min: 1_024,
    max: 104_857_600,
    unit: 'bytes',
    en: 'Largest photo that is downloaded or uploaded.',
    ko: '내려받거나 업로드할 수 있는 사진의 최대 크기.',
  })
  readonly IMAGE_MAX_BYTES!: number;

  @IntegerSetting({
    default: 50_000_000,
    min: 10_000,
    max: 268_000_000,
    unit: 'pixels',
    en: 'Largest photo that is decoded (width x height), checked before decoding.',
    ko: '디코딩할 수 있는 최대 화소 수(가로 x 세로). 디코딩 전에 확인합니다.',
  })
  readonly IMAGE_MAX_PIXELS!: number;

  @IntegerSetting({
    default: 10_000,
    min: 100,
    max: 120_000,
    unit: 'ms',
    en: 'Time for a whole download, redirects included.',
    ko: '리다이렉트를 포함한 다운로드 전체 제한 시간.',
  })
  readonly IMAGE_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 5_000,
    min: 100,
    max: 60_000,
    unit: 'ms',
    en: 'Time to the first byte of each answer.',
    ko: '각 응답의 첫 바이트까지 제한 시간.',
  })
  readonly IMAGE_FIRST_BYTE_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 3,
    min: 0,
    max: 10,
    unit: 'redirects',
    en: 'Redirects followed; each one passes the address checks again.',
    ko: '따라가는 리다이렉트 수. 매번 주소 검사를 다시 거칩니다.',
  })
  readonly IMAGE_MAX_REDIRECTS!: number;

  @IntegerSetting({
    default: 4_000,
    min: 0,
    max: 60_000,
    unit: 'ms',
    en: 'How long a connection to a photo server is kept for its next photo (at most 32 of them, each for a minute in all); 0 opens one for each photo.',
    ko: '사진 서버와의 연결을 다음 사진을 위해 유지하는 시간(최대 32개, 연결마다 총 1분까지). 0이면 사진마다 새로 연결합니다.',
  })
  readonly IMAGE_KEEP_ALIVE_MS!: number;

  @IntegerSetting({
    default: 10_000,
    min: 500,
    max: 60_000,
    unit: 'ms',
    en: 'Time for decoding one photo.',
    ko: '사진 한 장의 디코딩 제한 시간.',
  })
  readonly IMAGE_DECODE_TIMEOUT_MS!: number;
}

export const intakeConfig = registerAs('intake', () => {
  const settings = readSettings(IntakeSettings);
  return {
    allowedHosts: toList(settings.IMAGE_ALLOWED_HOSTS),
    allowedPrivateHosts: toList(settings.IMAGE_ALLOWED_PRIVATE_HOSTS),
    maxBytes: settings.IMAGE_MAX_BYTES,
    maxPixels: settings.IMAGE_MAX_PIXELS,
    timeoutMs: settings.IMAGE_TIMEOUT_MS,
    firstByteTimeoutMs: settings.IMAGE_FIRST_BYTE_TIMEOUT_MS,
    maxRedirects: settings.IMAGE_MAX_REDIRECTS,
    keepAliveMs: settings.IMAGE_KEEP_ALIVE_MS,
    decodeTimeoutMs: settings.IMAGE_DECODE_TIMEOUT_MS,
  };
});

export type IntakeConfig = ConfigType<typeof intakeConfig>;
