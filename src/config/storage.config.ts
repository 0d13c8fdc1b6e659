import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings, toList } from './read-settings.js';
import { ChoiceSetting, FlagSetting, IntegerSetting, TextSetting } from './setting.js';

export const STORAGE_KINDS = ['local', 's3'] as const;
export type StorageKind = (typeof STORAGE_KINDS)[number];

const ADDRESS = /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i;

/** Where images live. */
export class StorageSettings {
  @ChoiceSetting({
    values: STORAGE_KINDS,
    defaultText: '`s3` if `S3_BUCKET` is set, else `local`',
    en: 'Where images live: a folder under DATA_DIR, or S3 or a compatible store.',
    ko: '이미지 저장 위치: DATA_DIR 아래 폴더, 또는 S3 및 호환 저장소.',
  })
  readonly STORAGE?: StorageKind;

  @TextSetting({
    pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    expected: 'a bucket name',
    en: 'Bucket of the S3 store.',
    ko: 'S3 저장소의 버킷.',
  })
  readonly S3_BUCKET?: string;

  @TextSetting({
    pattern: /^[a-z0-9-]{2,40}$/,
    expected: 'a region such as ap-northeast-2',
    defaultText: '`us-east-1` with `S3_ENDPOINT`; else it must be set',
    en: 'Region of the bucket. Most compatible stores take any.',
    ko: '버킷의 리전. 호환 저장소는 대부분 아무 값이나 됩니다.',
  })
  readonly S3_REGION?: string;

  @TextSetting({
    kind: 'address',
    pattern: ADDRESS,
    expected: 'an http(s) address without user name and query',
    en: 'Address of a compatible store, for example `https://storage.googleapis.com`. AWS when unset.',
    ko: 'S3 호환 저장소의 주소. 예: `https://storage.googleapis.com`. 비우면 AWS.',
  })
  readonly S3_ENDPOINT?: string;

  @FlagSetting({
    defaultText: '`on` if `S3_ENDPOINT` is set',
    en: 'Puts the bucket into the path instead of the host name.',
    ko: '버킷을 호스트 이름이 아니라 경로에 넣습니다.',
  })
  readonly S3_FORCE_PATH_STYLE?: boolean;

  @TextSetting({
    default: 'desk-ai',
    pattern: /^[A-Za-z0-9][A-Za-z0-9/_-]{0,62}[A-Za-z0-9]$/,
    expected: '2 to 64 letters, digits and / _ -',
    en: 'First part of every object key: `{prefix}/{yyyy}/{mm}/{name}`.',
    ko: '모든 객체 키의 앞부분: `{prefix}/{yyyy}/{mm}/{name}`.',
  })
  readonly S3_PREFIX!: string;

  @TextSetting({
    kind: 'list of key prefixes',
    defaultText: 'every object of the bucket',
    en: "Objects of our own bucket that may be named as `image_url`; they are read with the service's credentials.",
    ko: '`image_url`로 지정할 수 있는 우리 버킷의 객체(키 앞부분). 서비스의 자격 증명으로 읽습니다.',
  })
  readonly S3_SOURCE_PREFIXES?: string;

  @TextSetting({
    en: 'Access key of the store. Without it the standard AWS chain applies (role, profile, web identity).',
    ko: '저장소의 액세스 키. 비우면 표준 AWS 자격 증명 체인을 씁니다.',
  })
  readonly AWS_ACCESS_KEY_ID?: string;

  @TextSetting({
    secret: true,
    en: 'Secret key that belongs to it.',
    ko: '위 키의 시크릿.',
  })
  readonly AWS_SECRET_ACCESS_KEY?: string;

  @TextSetting({
    secret: true,
    en: 'Session token of temporary credentials.',
    ko: '임시 자격 증명의 세션 토큰.',
  })
  readonly AWS_SESSION_TOKEN?: string;

  @IntegerSetting({
    default: 3_600,
    min: 60,
    max: 604_800,
    unit: 's',
    en: "How long the presigned link behind /images/{name} works at most; never longer than the credentials'.",
    ko: '/images/{name} 뒤의 서명된 링크의 최대 유효 시간. 자격 증명의 수명을 넘지 않습니다.',
  })
  readonly S3_LINK_TTL_SECONDS!: number;

  @IntegerSetting({
    default: 15_000,
    min: 100,
    max: 120_000,
    unit: 'ms',
    en: 'Time for one call to the store.',
    ko: '저장소 호출 한 번의 제한 시간.',
  })
  readonly S3_TIMEOUT_MS!: number;

  @TextSetting({
    kind: 'address',
    pattern: /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i,
    expected: 'an http(s) address without query, short enough for links of 255 characters',
    en: 'Address of a CDN in front of the bucket: links become `{this}/{object key}` instead of `/images/{name}`.',
    ko: '버킷 앞의 CDN 주소. 링크가 `/images/{name}` 대신 `{이 주소}/{객체 키}`가 됩니다.',
  })
  readonly STORAGE_PUBLIC_BASE_URL?: string;

  @IntegerSetting({
    default: 900,
    min: 10,
    max: 604_800,
    unit: 's',
    en: 'How long an upload link from POST /uploads works.',
    ko: 'POST /uploads가 준 업로드 링크의 유효 시간.',
  })
  readonly UPLOAD_TTL_SECONDS!: number;

  @TextSetting({
    secret: true,
    kind: 'text of at least 32 characters',
    pattern: /^.{32,}$/s,
    expected: 'at least 32 characters long',
    defaultText: 'made once and kept in DATA_DIR',
    en: 'Signs upload links of the local store. Set it when several processes share one address.',
    ko: '로컬 저장소의 업로드 링크 서명 키. 여러 프로세스가 주소를 공유하면 설정하세요.',
  })
  readonly UPLOAD_SIGNING_KEY?: string;
}

const toS3 = (settings: StorageSettings) => ({
  bucket: settings.S3_BUCKET ?? '',
  region: settings.S3_REGION ?? 'us-east-1',
  endpoint: settings.S3_ENDPOINT?.replace(/\/+$/, ''),
  forcePathStyle: settings.S3_FORCE_PATH_STYLE ?? settings.S3_ENDPOINT !== undefined,
  prefix: settings.S3_PREFIX,
  sourcePrefixes: toList(settings.S3_SOURCE_PREFIXES),
  credentials:
    settings.AWS_ACCESS_KEY_ID && settings.AWS_SECRET_ACCESS_KEY
      ? {
          accessKeyId: settings.AWS_ACCESS_KEY_ID,
          secretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
          ...(settings.AWS_SESSION_TOKEN ? { sessionToken: settings.AWS_SESSION_TOKEN } : {}),
        }
      : undefined,
  linkTtlMs: settings.S3_LINK_TTL_SECONDS * 1_000,
  timeoutMs: settings.S3_TIMEOUT_MS,
  cdnBaseUrl: settings.STORAGE_PUBLIC_BASE_URL?.replace(/\/+$/, ''),
});

export const storageConfig = registerAs('storage', () => {
  const settings = readSettings(StorageSettings);
  const kind: StorageKind = settings.STORAGE ?? (settings.S3_BUCKET ? 's3' : 'local');
  return {
    kind,
    s3: toS3(settings),
    uploadTtlMs: settings.UPLOAD_TTL_SECONDS * 1_000,
    uploadSigningKey: settings.UPLOAD_SIGNING_KEY,
  };
});

export type StorageConfig = ConfigType<typeof storageConfig>;
export type S3Config = StorageConfig['s3'];
