import { AppError } from '../errors/app-error.js';

/** A code of `docs/errors.md`; `aborted` when the work was taken away and did not fail. */
export const codeOf = (error: unknown): string => {
  if (error instanceof AppError) return error.code;
  return isAbort(error) ? 'aborted' : 'internal_error';
};

/** Signals abort with a symbol of ours or with the platform's AbortError. */
const isAbort = (error: unknown): boolean =>
  typeof error === 'symbol' ||
  (typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError');

/** `ok`, or why it failed: a closed set, fit for a label. */
export const outcomeOf = (run: { readonly error?: unknown }): string =>
  'error' in run ? codeOf(run.error) : 'ok';
