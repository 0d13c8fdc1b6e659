import { type ConfigType, registerAs } from '@nestjs/config';

import { AppSettings } from './app.config.js';
import { readSettings } from './read-settings.js';
import { FlagSetting } from './setting.js';

/** The page on which a person tries the service. */
export class PlaygroundSettings {
  @FlagSetting({
    defaultText: '`on`, `off` when `NODE_ENV=production`',
    en: 'Serves the playground at /playground: a page on which a person tries the service with a photo.',
    ko: '사진으로 서비스를 직접 써 보는 페이지를 /playground에서 제공합니다.',
  })
  readonly PLAYGROUND?: boolean;
}

export const playgroundConfig = registerAs('playground', () => {
  const { PLAYGROUND } = readSettings(PlaygroundSettings);
  return { isOn: PLAYGROUND ?? readSettings(AppSettings).NODE_ENV !== 'production' };
});

export type PlaygroundConfig = ConfigType<typeof playgroundConfig>;
