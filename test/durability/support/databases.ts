import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';

import { startPostgres, type PostgresServer } from '../../../scripts/postgres.mjs';
import { createTaskStorage, type TaskStorage } from '../../../src/tasks/task-storage.js';

export interface OpenStorage extends TaskStorage {
  /** Of the server, undefined for the embedded store. */
  readonly url: string | undefined;
  /** A second process on the same tasks, where that is possible. */
  again(): Promise<TaskStorage>;
  close(): Promise<void>;
}

export interface StorageKind {
  readonly name: 'embedded' | 'postgresql';
  open(): Promise<OpenStorage>;
  /** Stops what the suite has started. */
  end(): Promise<void>;
}

const ignore = (): void => undefined;

/** TEST_DATABASE_URL, or a server of the suite's own. */
export class TestPostgres {
  private server: Promise<PostgresServer> | undefined;

  /** A fresh database. */
  async create(): Promise<string> {
    const admin = new Client({ connectionString: await this.adminUrl() });
    const name = `t_${uuidv7().replaceAll('-', '')}`;
    await admin.connect();
    await admin.query(`create database ${name}`);
    await admin.end();
    const url = new URL(await this.adminUrl());
    url.pathname = `/${name}`;
    return url.href;
  }

  async own(): Promise<PostgresServer> {
    this.server ??= startPostgres({ fsync: false });
    return this.server;
  }

  async end(): Promise<void> {
    await (await this.server)?.stop();
  }

  private async adminUrl(): Promise<string> {
    return process.env['TEST_DATABASE_URL'] ?? (await this.own()).url;
  }
}

const embedded: StorageKind = {
  name: 'embedded',
  open: async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-store-'));
    const storage = await createTaskStorage({
      dataDir,
      database: { url: undefined, poolSize: 2, role: 'all' },
      concurrency: 2,
      onError: ignore,
    });
    await storage.database.open();
    return {
      ...storage,
      url: undefined,
      again: async () => storage,
      close: async () => {
        await storage.database.close();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  },
  end: async () => undefined,
};

const postgresql = (): StorageKind => {
  const postgres = new TestPostgres();
  return {
    name: 'postgresql',
    open: async () => {
      const url = await postgres.create();
      const opened: TaskStorage[] = [];
      const again = async (): Promise<TaskStorage> => {
        const storage = await createTaskStorage({
          dataDir: tmpdir(),
          database: { url, poolSize: 4, role: 'all' },
          concurrency: 2,
          onError: ignore,
        });
        opened.push(storage);
        await storage.database.open();
        await storage.queue.open();
        return storage;
      };
      const first = await again();
      return {
        ...first,
        url,
        again,
        close: async () => {
          for (const storage of opened) {
            await storage.queue.close();
            await storage.database.close();
          }
        },
      };
    },
    end: () => postgres.end(),
  };
};

export const storageKinds = (): readonly StorageKind[] => [embedded, postgresql()];
