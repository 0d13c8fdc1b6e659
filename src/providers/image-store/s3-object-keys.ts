import { type ImageName, isUploadName } from './image-store.port.js';

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

/** `{prefix}/uploads/{name}`: what clients may write, and what is never served from there. */
export const uploadKeyOf = (prefix: string, name: ImageName): string => `${prefix}/uploads/${name}`;

/** The name of the upload that lies under this key. */
export const uploadNameOf = (prefix: string, key: string): ImageName | undefined => {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return isUploadName(name) && key === uploadKeyOf(prefix, name) ? name : undefined;
};
