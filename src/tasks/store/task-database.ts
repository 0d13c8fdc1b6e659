import { type Kysely, type RawBuilder, type Transaction } from 'kysely';

import { type Schema } from './schema.js';

/**
 * What a commit survives: `power_cut` waits for the disk; `process` survives a kill of this process
 * and may be lost with the machine, for progress that is only looked at.
 */
export type Durability = 'power_cut' | 'process';

/** One of the two databases; all SQL above it is the same. Errors are `StoreUnavailable` or bugs. */
export interface TaskDatabase {
  /** Whether other processes work on the same tasks. */
  readonly isShared: boolean;
  /** The database's own time in milliseconds, the same for all processes. */
  readonly nowMs: RawBuilder<number>;
  /** Locks out others (embedded) and migrates. @throws ConfigurationError */
  open(): Promise<void>;
  close(): Promise<void>;
  read<T>(run: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
  write<T>(run: (trx: Transaction<Schema>) => Promise<T>, durability?: Durability): Promise<T>;
  /** Until the end of the transaction nobody else holds the same key. */
  lock(trx: Transaction<Schema>, key: string): Promise<void>;
}
