/** Ids are UUIDv7: their first 48 bits are the moment of creation, in milliseconds since the Unix epoch. */
export const createdAtMsOf = (taskId: string): number =>
  Number.parseInt(taskId.replaceAll('-', '').slice(0, 12), 16);
