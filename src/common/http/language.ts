import { type Request } from 'express';

/** Languages that errors are told in. The codes are the same in both. */
export type Language = 'en' | 'ko';

/** What the reader prefers by Accept-Language; English when it says nothing or wants neither. */
export const languageOf = (request: Request): Language =>
  request.acceptsLanguages(['en', 'ko']) === 'ko' ? 'ko' : 'en';
