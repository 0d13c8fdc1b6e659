import { CompiledQuery, type Transaction } from 'kysely';

import { type SqlRunner } from '../task-queue.port.js';
import { type Schema } from './schema.js';

/** Lets the queue write inside the store's transaction. */
export const sqlRunner =
  (trx: Transaction<Schema>): SqlRunner =>
  async (sql, parameters) => {
    const { rows } = await trx.executeQuery<Record<string, unknown>>(
      CompiledQuery.raw(sql, [...parameters]),
    );
    return { rows };
  };
