import { ERROR_CODE_NAMES, ERROR_CODES } from './error-codes.js';

const NOTE =
  'Generated from src/common/errors/error-codes.ts by `npm run docs:generate`; do not edit.';

/** `docs/errors.md`. */
export const renderErrorsPage = (): string =>
  [
    '# Errors · 오류',
    '',
    `<!-- ${NOTE} -->`,
    '',
    'Every error is `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`, `code`, `instance`, `request_id`, and `errors` for `validation_failed`. Branch on `code`: it is stable. A failure told by callback or kept in a task carries the same code. "Tried again" says whether a task step that failed so is tried again by the service itself (`image_unreachable`: only while the cause is transient).',
    '',
    '모든 오류는 `application/problem+json`(RFC 9457)입니다. `code`로 분기하세요. 콜백과 작업에 기록된 오류도 같은 코드를 씁니다. "Tried again"은 작업 단계가 이 코드로 실패했을 때 서비스가 스스로 다시 시도하는지를 뜻합니다(`image_unreachable`은 일시적 원인일 때만).',
    '',
    '| Status | Code | Meaning | What to do | Tried again |',
    '|---|---|---|---|---|',
    ...ERROR_CODE_NAMES.map((code) => {
      const { status, title, titleKo, advice, adviceKo, retryable } = ERROR_CODES[code];
      const again = retryable ? 'yes' : 'no';
      return `| ${status} | <a id="${code}"></a>\`${code}\` | ${title}<br>${titleKo} | ${advice}<br>${adviceKo} | ${again} |`;
    }),
    '',
  ].join('\n');
