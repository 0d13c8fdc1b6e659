import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings } from './read-settings.js';
import { IntegerSetting, TextSetting } from './setting.js';

/** Where images live. */
export class StorageSettings {
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

export const storageConfig = registerAs('storage', () => {
  const settings = readSettings(StorageSettings);
  return {
    uploadTtlMs: settings.UPLOAD_TTL_SECONDS * 1_000,
    uploadSigningKey: settings.UPLOAD_SIGNING_KEY,
  };
});

export type StorageConfig = ConfigType<typeof storageConfig>;
