import { AppError } from '../../common/errors/app-error.js';
import { LimitError, ProviderError } from '../../common/errors/errors.js';
import { type ProviderBreaker } from './provider-breaker.js';

export interface Rung<T> {
  readonly adapter: T;
  readonly breaker: ProviderBreaker;
}

/** A rung that did not do it, for example `{ name: 'openai', why: 'provider_timeout' }`. */
export interface Miss {
  readonly name: string;
  readonly why: string;
}

/** `openai=provider_timeout,custom=breaker_open`: the form that warnings carry. */
export const describeMisses = (misses: readonly Miss[]): string =>
  misses.map(({ name, why }) => `${name}=${why}`).join(',');

/**
 * Only a provider's own failure and an empty purse lead to the next rung. A refusal for content does
 * not: what one vendor refuses must not be tried on the next. Neither does a photo that is broken.
 */
export const mayFallThrough = (error: unknown): error is AppError =>
  error instanceof ProviderError ||
  (error instanceof LimitError && error.code === 'budget_exhausted');

export const whyOf = (error: AppError): string => {
  const { reason } = error.details;
  return reason === 'breaker_open' ? reason : error.code;
};

/** All rungs failed: one that may succeed later decides, so that the task is tried again. */
export const pickError = (errors: readonly AppError[]): AppError | undefined =>
  errors.find((error) => error.retryable) ?? errors[0];
