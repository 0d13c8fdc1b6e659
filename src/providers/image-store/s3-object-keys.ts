import { type ImageName } from './image-store.port.js';

/** RFC 9562: the first 48 bits of a UUIDv7 are its time in milliseconds. */
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
/** For names without a time of their own; a name must always lead to the same key. */
const TIMELESS = 'other';

const monthOf = (name: ImageName): string => {
  const [, high, low] = UUID_V7.exec(name) ?? [];
  if (high === undefined || low === undefined) return TIMELESS;
  const [year, month] = new Date(Number.parseInt(`${high}${low}`, 16)).toISOString().split('-');
  // Beyond the year 9999 ISO dates begin with a sign: no key of ours does.
  return /^\d{4}$/.test(year ?? '') ? `${year}/${month}` : TIMELESS;
};

/**
 * `{prefix}/{yyyy}/{mm}/{name}`, derived from the time inside the name: nothing has to be looked up, and
 * lifecycle rules and listings can go by month.
 */
export const objectKeyOf = (prefix: string, name: ImageName): string =>
  `${prefix}/${monthOf(name)}/${name}`;
