import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings, toList } from './read-settings.js';
import { ChoiceSetting, FlagSetting, IntegerSetting, TextSetting } from './setting.js';

const HTTP_ADDRESS = /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i;

/** Where the process listens and how it presents itself. */
export class AppSettings {
  @ChoiceSetting({
    default: 'development',
    values: ['development', 'test', 'production'],
    en: '`production` turns the safe-by-default rules on.',
    ko: '`production`이면 안전 기본 규칙이 켜집니다.',
  })
  readonly NODE_ENV!: 'development' | 'test' | 'production';

  @IntegerSetting({
    default: 8080,
    min: 0,
    max: 65_535,
    unit: 'port',
    en: 'Port of the HTTP server; 0 takes a free one.',
    ko: 'HTTP 서버 포트. 0이면 빈 포트를 사용합니다.',
  })
  readonly PORT!: number;

  @TextSetting({
    kind: 'address',
    defaultText: '`127.0.0.1` in development, `0.0.0.0` in production',
    en: 'Network interface to listen on.',
    ko: '수신할 네트워크 인터페이스.',
  })
  readonly HOST?: string;

  @TextSetting({
    kind: 'address',
    pattern: HTTP_ADDRESS,
    expected: 'an http(s) address without query',
    defaultText: '`http://localhost:PORT`',
    en: 'Prefix of the links we hand out (image links, upload links, task locations).',
    ko: '우리가 내보내는 링크(이미지, 업로드, 작업 위치)의 앞부분.',
  })
  readonly PUBLIC_BASE_URL?: string;

  @TextSetting({
    default: './data',
    kind: 'path',
    en: 'Folder of the embedded task store and of the local image store.',
    ko: '내장 작업 저장소와 로컬 이미지 저장소의 폴더.',
  })
  readonly DATA_DIR!: string;

  @ChoiceSetting({
    default: 'info',
    values: ['silent', 'error', 'warn', 'info', 'debug', 'trace'],
    en: 'Least severe log lines that are written (JSON on standard output).',
    ko: '기록할 로그의 최소 수준(표준 출력, JSON).',
  })
  readonly LOG_LEVEL!: string;

  @TextSetting({
    kind: 'commit',
    pattern: /^[0-9a-f]{7,64}$/,
    expected: 'a Git commit in hexadecimal',
    defaultText: 'the commit of the clone it runs in, if it is one',
    en: 'Commit that /info names; the Docker build sets it (`--build-arg GIT_COMMIT`).',
    ko: '/info가 알려 주는 커밋. Docker 빌드가 설정합니다(`--build-arg GIT_COMMIT`).',
  })
  readonly GIT_COMMIT?: string;

  @FlagSetting({
    default: true,
    en: 'Serves Swagger UI at /docs and the OpenAPI document at /docs-json and /docs-yaml.',
    ko: '/docs의 Swagger UI와 /docs-json, /docs-yaml의 OpenAPI 문서를 제공합니다.',
  })
  readonly DOCS!: boolean;

  @TextSetting({
    kind: 'list of origins',
    en: 'Origins that browsers may call us from; closed when unset.',
    ko: '브라우저 호출을 허용할 출처(origin). 비우면 닫혀 있습니다.',
  })
  readonly CORS_ORIGINS?: string;

  @IntegerSetting({
    default: 102_400,
    min: 1_024,
    max: 10_485_760,
    unit: 'bytes',
    en: 'Largest JSON body.',
    ko: 'JSON 본문의 최대 크기.',
  })
  readonly BODY_LIMIT_BYTES!: number;

  @IntegerSetting({
    default: 30_000,
    min: 1_000,
    max: 600_000,
    unit: 'ms',
    en: 'Time in which a client has to send its whole request.',
    ko: '클라이언트가 요청 전체를 보내야 하는 제한 시간.',
  })
  readonly REQUEST_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 620_000,
    min: 1_000,
    max: 3_600_000,
    unit: 'ms',
    en: 'Idle time of a kept-alive connection; above the 600 s of a GCP load balancer.',
    ko: '유지 연결의 유휴 시간. GCP 로드 밸런서의 600초보다 길어야 합니다.',
  })
  readonly KEEP_ALIVE_TIMEOUT_MS!: number;

  @IntegerSetting({
    default: 8_000,
    min: 0,
    max: 300_000,
    unit: 'ms',
    en: 'How long running work may finish after SIGTERM before it is stopped.',
    ko: 'SIGTERM 이후 진행 중인 작업을 끝낼 수 있는 시간.',
  })
  readonly SHUTDOWN_TIMEOUT_MS!: number;
}

export const appConfig = registerAs('app', () => {
  const settings = readSettings(AppSettings);
  const isProduction = settings.NODE_ENV === 'production';
  const publicBaseUrl = settings.PUBLIC_BASE_URL ?? `http://localhost:${settings.PORT}`;
  return {
    isProduction,
    port: settings.PORT,
    host: settings.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
    publicBaseUrl: publicBaseUrl.replace(/\/+$/, ''),
    dataDir: settings.DATA_DIR,
    logLevel: settings.LOG_LEVEL,
    gitCommit: settings.GIT_COMMIT,
    servesDocs: settings.DOCS,
    corsOrigins: toList(settings.CORS_ORIGINS),
    bodyLimitBytes: settings.BODY_LIMIT_BYTES,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    keepAliveTimeoutMs: settings.KEEP_ALIVE_TIMEOUT_MS,
    shutdownTimeoutMs: settings.SHUTDOWN_TIMEOUT_MS,
  };
});

export type AppConfig = ConfigType<typeof appConfig>;
