import { SETTING_GROUPS } from './config.module.js';
import { describeSettings, type SettingDescription } from './setting.js';

const NOTE = 'Generated from src/config by `npm run docs:generate`; do not edit.';

const defaultOf = (setting: SettingDescription): string => {
  if (setting.defaultText !== undefined) return setting.defaultText;
  if (setting.defaultValue === undefined) return 'unset';
  if (typeof setting.defaultValue === 'boolean') return setting.defaultValue ? '`on`' : '`off`';
  return `\`${setting.defaultValue}\``;
};

const toRow = (setting: SettingDescription): string => {
  const { name, type, unit, en, ko, secret } = setting;
  const mark = secret ? ' *(secret)*' : '';
  return `| \`${name}\`${mark} | ${type} | ${unit} | ${defaultOf(setting)} | ${en}<br>${ko} |`;
};

/** `docs/configuration.md`. */
export const renderConfigurationPage = (): string =>
  [
    '# Configuration · 설정',
    '',
    `<!-- ${NOTE} -->`,
    '',
    'Settings are environment variables, or lines of a `.env` file in the working directory (the environment wins). They are checked at start: every fault is listed at once and the process exits with code 1; values are never printed. With none set the service does its whole job offline.',
    '',
    '설정은 환경 변수 또는 작업 폴더의 `.env` 파일입니다(환경 변수가 우선). 시작할 때 모두 검사하며 잘못된 항목을 한 번에 알리고 코드 1로 끝납니다. 값은 출력하지 않습니다. 아무것도 설정하지 않아도 오프라인에서 모든 기능이 동작합니다.',
    ...SETTING_GROUPS.flatMap(({ title, titleKo, settings }) => [
      '',
      `## ${title} · ${titleKo}`,
      '',
      '| Name | Type | Unit | Default | Effect |',
      '|---|---|---|---|---|',
      ...describeSettings(settings).map(toRow),
    ]),
    '',
  ].join('\n');

const toExample = (setting: SettingDescription): string => {
  const value = setting.defaultValue;
  const shown = typeof value === 'boolean' ? (value ? 'on' : 'off') : (value ?? '');
  const unit = setting.unit === '' ? '' : ` [${setting.unit}]`;
  const fallback =
    value === undefined ? ` Default: ${defaultOf(setting).replaceAll('`', '')}.` : '';
  return [`# ${setting.en}${unit}${fallback}`, `# ${setting.ko}`, `#${setting.name}=${shown}`].join(
    '\n',
  );
};

/** `.env.example`: every setting with its default, commented out. */
export const renderEnvExample = (): string =>
  [
    `# ${NOTE}`,
    '# Copy to .env and uncomment what you change. / .env로 복사한 뒤 바꿀 줄만 주석을 해제하세요.',
    ...SETTING_GROUPS.flatMap(({ title, titleKo, settings }) => [
      '',
      `# ── ${title} · ${titleKo} ${'─'.repeat(40)}`,
      '',
      describeSettings(settings).map(toExample).join('\n\n'),
    ]),
    '',
  ].join('\n');
