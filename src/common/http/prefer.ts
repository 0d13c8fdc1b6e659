/** `Prefer: wait=N` of RFC 7240, in milliseconds; undefined when it isn't asked for. */
export const parsePreferWaitMs = (header: string | undefined): number | undefined => {
  for (const preference of (header ?? '').split(',')) {
    const match = /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:;.*)?$/i.exec(preference);
    if (match?.[1] !== undefined) return Number(match[1]) * 1_000;
  }
  return undefined;
};
