export interface PostgresServer {
  readonly url: string;
  urlOf(database: string): string;
  start(): Promise<unknown>;
  pid(): Promise<number>;
  halt(mode: 'fast' | 'immediate' | 'smart'): Promise<unknown>;
  stop(): Promise<void>;
}

export declare const startPostgres: (options?: {
  readonly fsync?: boolean;
}) => Promise<PostgresServer>;
