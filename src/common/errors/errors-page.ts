import { ERROR_CODE_NAMES, ERROR_CODES } from './error-codes.js';

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const toRow = (code: (typeof ERROR_CODE_NAMES)[number]): string => {
  const { status, title, titleKo, advice, adviceKo } = ERROR_CODES[code];
  const cells = [
    String(status),
    `<code>${code}</code>`,
    `${escape(title)}<br><span lang="ko">${escape(titleKo)}</span>`,
    `${escape(advice)}<br><span lang="ko">${escape(adviceKo)}</span>`,
  ];
  return `<tr id="${code}">${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
};

/** `/docs/errors`: where the `type` of a problem leads. */
export const renderErrorsHtml = (): string =>
  [
    '<!doctype html><html lang="en"><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<title>Desk AI: errors · 오류</title>',
    '<style>body{font:16px/1.5 system-ui;margin:2rem;color-scheme:light dark}td,th{padding:.4rem .8rem;text-align:left;vertical-align:top}tr:target{outline:2px solid}</style>',
    '<h1>Errors · <span lang="ko">오류</span></h1>',
    '<table><thead><tr><th>Status<th>Code<th>Meaning<th>What to do</tr></thead><tbody>',
    ...ERROR_CODE_NAMES.map(toRow),
    '</tbody></table></html>',
  ].join('\n');
