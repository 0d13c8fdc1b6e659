const DAY_MS = 86_400_000;

/** `Retry-After` in milliseconds, as seconds or as a date; at most a day, undefined when unusable. */
export const parseRetryAfter = (value: string | undefined, nowMs: number): number | undefined => {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1_000, DAY_MS);
  // The three date forms of HTTP all begin with the name of a day; Date.parse alone takes "-5".
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  const dateMs = Date.parse(text);
  if (Number.isNaN(dateMs)) return undefined;
  return Math.min(Math.max(dateMs - nowMs, 0), DAY_MS);
};
